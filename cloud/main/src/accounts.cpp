// SPDX-License-Identifier: Apache-2.0
// These work on the database alone, so they may run beside a server.
#include <array>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <functional>
#include <system_error>

#include <unistd.h>

#include "strata/cloud/domain/service.hpp"

#include "account_env.hpp"
#include "commands.hpp"
#include "complain.hpp"
#include "data_dir.hpp"
#include "store_beside.hpp"
#include "system.hpp"

namespace strata::cloud {
namespace {

/// Runs `body` with a service over the directory's database and the directory's absolute path.
int WithService(const std::string& data,
                const std::function<int(Service&, const std::string& dir)>& body) {
  const std::string dir = AbsolutePath(data);
  if (dir.empty() || access((dir + "/strata.db").c_str(), F_OK) != 0) {
    return ComplainNoCloud(data);
  }
  auto store = OpenStoreBeside(dir);
  if (!store.ok()) {
    return Complain(store.error());
  }
  SystemClock clock;
  SystemRandom random;
  const Service service({.store = store->get(), .clock = &clock, .random = &random}, {});
  Service acting = service.As(LocalOrigin());
  return body(acting, dir);
}

/// How the account of init reaches this cloud, for another account. Empty texts when nobody knows.
AccountEnv EnvFor(const std::string& dir, std::string_view account_sid, std::string token) {
  AccountEnv env = ReadAccountEnv(FirstEnvPath(dir)).value_or(AccountEnv{});
  env.account_sid = account_sid;
  env.auth_token = std::move(token);
  env.ca_file = dir + "/ca.pem";
  return env;
}

bool Exists(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(std::filesystem::symlink_status(path, error));
}

/// Whatever the working directory becomes; a file's directory must be known to make it durable.
std::string Absolute(const std::string& path) {
  std::error_code error;
  return path.empty() ? path : std::filesystem::absolute(path, error).string();
}

std::string EnvPathOf(const std::string& dir, std::string_view account_sid) {
  return dir + "/" + std::string(account_sid) + ".env";
}

/// Where the token of an account goes that may have a file already; empty: the file is another's.
std::string EnvPathFor(const std::string& dir, const AccountSid& account, const std::string& env) {
  if (!env.empty()) {
    const auto before = ReadAccountEnv(env);
    return !Exists(env) || (before && before->account_sid == account.text()) ? Absolute(env) : "";
  }
  const auto first = ReadAccountEnv(FirstEnvPath(dir));
  return first && first->account_sid == account.text() ? FirstEnvPath(dir)
                                                       : EnvPathOf(dir, account.text());
}

std::string DateText(UnixSeconds seconds) {
  const auto time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  gmtime_r(&time, &parts);
  std::array<char, 32> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text.data(), length};
}

}  // namespace

int CreateAccount(const AccountsOptions& options) {
  if (!options.env.empty() && Exists(options.env)) {
    return Complain(Code::kAlreadyExists, options.env + " exists already; name a new file");
  }
  return WithService(options.data, [&](Service& service, const std::string& dir) {
    auto made = service.CreateAccount(options.name);
    if (!made.ok()) {
      return Complain(made.error(), made.error().status == 400 ? 2 : 1);
    }
    const std::string sid(made->first.sid.text());
    const std::string path = options.env.empty() ? EnvPathOf(dir, sid) : Absolute(options.env);
    if (!WriteAccountEnv(path, EnvFor(dir, sid, std::move(made->second)))) {
      return Complain(Code::kIo,
                      "made the account " + sid + " but can't write " + path +
                          "; get a token with strata-cloud accounts reset-token --account " + sid);
    }
    std::printf("made the account %s\naccount and token: %s\n", sid.c_str(), path.c_str());
    return 0;
  });
}

int ListAccounts(const AccountsOptions& options) {
  return WithService(options.data, [](Service& service, const std::string&) {
    const auto accounts = service.ListAccounts();
    if (!accounts.ok()) {
      return Complain(accounts.error());
    }
    for (const Account& account : *accounts) {
      std::printf("%s\t%s\t%s\n",
                  std::string(account.sid.text()).c_str(),
                  DateText(account.date_created).c_str(),
                  account.friendly_name.c_str());
    }
    return 0;
  });
}

int ResetToken(const AccountsOptions& options) {
  const std::optional<AccountSid> account = AccountSid::Parse(options.account);
  if (!account) {
    return Complain(
        Code::kInvalidArgument, "--account takes a SID, AC and 32 hexadecimal digits", 2);
  }
  return WithService(options.data, [&](Service& service, const std::string& dir) {
    const std::string path = EnvPathFor(dir, *account, options.env);
    if (path.empty()) {
      return Complain(Code::kAlreadyExists,
                      options.env + " is not this account's file; name another");
    }
    auto token = service.ResetToken(*account);
    if (!token.ok() && token.error().status == 404) {
      return Complain(
          Code::kNotFound,
          "there is no account " + options.account + "; see strata-cloud accounts list");
    }
    if (!token.ok()) {
      return Complain(token.error());
    }
    if (!WriteAccountEnv(path, EnvFor(dir, account->text(), std::move(token).value()))) {
      return Complain(Code::kIo,
                      "the old token is gone but " + path +
                          " can't be written; run this again with --env FILE");
    }
    std::printf("the old token is refused from now on\naccount and token: %s\n", path.c_str());
    return 0;
  });
}

}  // namespace strata::cloud
