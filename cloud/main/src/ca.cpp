// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <unistd.h>

#include "strata/cloud/domain/service.hpp"
#include "strata/cloud/pki/pki_dir.hpp"
#include "strata/cloud/store/sqlite_store.hpp"
#include "strata/core/error_text.hpp"

#include "commands.hpp"
#include "complain.hpp"
#include "data_dir.hpp"
#include "store_beside.hpp"
#include "system.hpp"

namespace strata::cloud {
namespace {

int Failed(const std::string& dir, Error error) {
  return Complain(error.code, "can't use " + dir + "/pki: " + std::string(TextOf(error.code).what));
}

int NotNoted(ApiError error) {
  error.message = "it is done, but not in the audit log: " + error.message;
  return Complain(error);
}

/// Nothing files do can be in the database's transaction: this comes behind them.
int WriteDown(ApiResult<std::unique_ptr<Store>> store, std::string_view action) {
  if (!store.ok()) {
    return NotNoted(store.error());
  }
  SystemClock clock;
  const Service service({.store = store->get(), .clock = &clock}, {});
  const ApiOutcome noted = service.As(LocalOrigin()).NoteForAll(action, "");
  return noted.ok() ? 0 : NotNoted(noted.error());
}

}  // namespace

int PrepareCa(const CaOptions& options) {
  const std::string dir = AbsolutePath(options.data);
  std::string present;
  if (dir.empty() || !ReadWhole(dir + "/pki/server-ca.pem", present)) {
    return ComplainNoCloud(options.data);
  }
  SystemClock clock;
  const auto next = pki::PkiDir::PrepareServerCa(dir + "/pki", clock.Now());
  if (!next.ok()) {
    return Failed(dir, next.error());
  }
  if (!WriteWhole(dir + "/ca-next.pem", *next) || !WriteWhole(dir + "/ca.pem", present + *next)) {
    return Complain(Code::kIo, "can't write to " + dir);
  }
  std::printf("the next CA is %s/ca-next.pem; %s/ca.pem holds both\n", dir.c_str(), dir.c_str());
  return WriteDown(OpenStoreBeside(dir), "ca.prepare");
}

int ReissueServer(const CaOptions& options) {
  const std::string dir = AbsolutePath(options.data);
  if (dir.empty() || access((dir + "/pki/server-ca.pem").c_str(), F_OK) != 0) {
    return ComplainNoCloud(options.data);
  }
  const std::vector<std::string> names =
      options.host_names.empty() ? options.host_names : WithLocalNames(options.host_names);
  const Status asked = pki::PkiDir::RequestReissue(dir + "/pki", names);
  if (!asked.ok() && asked.error().code == Code::kInvalidArgument) {
    return Complain(Code::kInvalidArgument, "a --hostname is neither a host name nor an address");
  }
  if (!asked.ok()) {
    return Failed(dir, asked.error());
  }
  std::printf("the server makes another certificate within ten seconds, or at its next start\n");
  return WriteDown(OpenStoreBeside(dir), "ca.reissue");
}

int SwitchCa(const CaOptions& options) {
  const std::string dir = AbsolutePath(options.data);
  if (dir.empty() || access((dir + "/pki/server-ca.pem").c_str(), F_OK) != 0) {
    return ComplainNoCloud(options.data);
  }
  DirLock lock;
  if (!lock.Take(dir)) {
    return Complain(Code::kAlreadyExists,
                    dir + " is in use by another strata-cloud; stop it first");
  }
  const auto used = pki::PkiDir::SwitchServerCa(dir + "/pki");
  if (!used.ok() && used.error().code == Code::kNotFound) {
    return Complain(Code::kNotFound,
                    "no next CA was prepared; make it with strata-cloud ca prepare");
  }
  if (!used.ok()) {
    return Failed(dir, used.error());
  }
  if (!WriteWhole(dir + "/ca.pem", *used)) {
    return Complain(Code::kIo, "can't write to " + dir);
  }
  unlink((dir + "/ca-next.pem").c_str());
  std::printf("the next start uses the new CA; %s/ca.pem holds it alone\n", dir.c_str());
  return WriteDown(OpenSqliteStore({.path = dir + "/strata.db"}), "ca.switch");
}

}  // namespace strata::cloud
