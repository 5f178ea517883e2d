// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <sys/stat.h>

#include "strata/manual/man_page.hpp"

#include "commands.hpp"
#include "complain.hpp"
#include "config_file.hpp"
#include "data_dir.hpp"

namespace {

void AddMasterKeyFile(CLI::App* command, std::string& file) {
  command->add_option(
      "--master-key", file, "File of the key that secrets are sealed under [DIR/master.key]");
}

void AddInit(CLI::App& program, strata::cloud::InitOptions& options) {
  CLI::App* const init = program.add_subcommand(
      "init", "Make a cloud in a new directory: certificates, database, first account");
  init->add_option("--data", options.data, "Directory; new or empty")->required();
  init->add_option(
      "--hostname",
      options.host_names,
      "Host name or address that clients use (repeatable); localhost is always included");
  AddMasterKeyFile(init, options.master_key);
  init->footer("Example:\n  strata-cloud init --data ./cloud --hostname strata.example.com");
}

/// For 64-bit numbers, where the parser takes -1 for the largest one.
CLI::Validator OfLargeNumbers() {
  return CLI::Range(std::uint64_t{0}, std::uint64_t{1'000'000'000'000'000});
}

void AddLimits(CLI::App& serve, strata::cloud::ServeOptions& options) {
  strata::cloud::AccountLimits& account = options.account_limits;
  strata::cloud::HttpLimits& http = options.http_limits;
  const auto add = [&serve](const char* name, auto& value, const char* help) {
    return serve.add_option(name, value, help)->capture_default_str()->group("Limits");
  };
  add("--max-apps", account.apps, "Apps of one account; 0: no limit")->check(OfLargeNumbers());
  add("--max-app-bytes", account.app_bytes, "Bytes of one account's distinct layers; 0: no limit")
      ->check(OfLargeNumbers());
  add("--upload-rate", account.uploads_per_min, "Uploads of one account in a minute; 0: no limit");
  add("--api-rate", account.requests_per_sec, "Requests of one account in a second; 0: no limit");
  add("--log-rate",
      account.log_batches_per_min,
      "Log batches of one device in a minute; 0: no limit");
  add("--report-rate", account.reports_per_min, "Reports of one device in a minute; 0: no limit");
  add("--receipt-rate",
      account.receipts_per_min,
      "Receipts of one device in a minute; 0: no limit");
  add("--enrolment-rate",
      account.enrolments_per_min,
      "Enrolments that one address may try in a minute; 0: no limit");
  add("--max-webhooks", account.webhooks, "Webhooks of one account; 0: no limit");
  add("--max-streams", http.streams, "Live streams of one account; 0: no limit");
  add("--max-bundle-bytes", http.file_bytes, "Bytes of a bundle")
      ->check(CLI::Range(std::uint64_t{1}, http.file_bytes));
  add("--max-body-bytes", http.form_bytes, "Bytes of a form")->check(CLI::Range(4096, 1 << 20));
  add("--max-header-bytes", http.header_bytes, "Bytes of a request's headers")
      ->check(CLI::Range(1024, 1 << 20));
}

/// How the server tells of itself, and looks after its database.
void AddWatch(CLI::App& serve, strata::cloud::ServeOptions& options) {
  serve
      .add_option_function<std::string>(
          "--log-format",
          [&options](const std::string& name) {
            options.log_format =
                name == "text" ? strata::cloud::LogFormat::kText : strata::cloud::LogFormat::kJson;
          },
          "How a line of the log looks: json, or text (name=value)")
      ->check(CLI::IsMember({"json", "text"}))
      ->default_str("json");
  serve
      .add_option("--integrity-every",
                  options.integrity_every_sec,
                  "Seconds between two tables of the database that are checked for damage; 0: none")
      ->check(CLI::Range(0, 31'536'000))
      ->capture_default_str();
}

void AddServe(CLI::App& program, strata::cloud::ServeOptions& options) {
  CLI::App* const serve = program.add_subcommand("serve", "Serve people and devices");
  serve->add_option("--data", options.data, "Directory made by init")
      ->required()
      ->configurable(false);
  strata::cloud::AddConfigFile(*serve, options.config);
  serve->add_option("--listen", options.listen, "ADDRESS:PORT for people; port 0 picks a free one")
      ->capture_default_str();
  serve->add_option("--device-listen", options.device_listen, "ADDRESS:PORT for devices")
      ->capture_default_str();
  serve->add_flag("--plain-http",
                  options.plain_http,
                  "People's API without TLS, on a loopback address (behind a proxy, or for tests)");
  CLI::Option* const tls_cert = serve->add_option(
      "--tls-cert",
      options.tls_cert,
      "Certificate chain (PEM) that people are shown instead of the cloud's own; read again on "
      "SIGHUP");
  CLI::Option* const tls_key =
      serve->add_option("--tls-key", options.tls_key, "Its private key (PEM, no passphrase)");
  tls_cert->needs(tls_key);
  tls_key->needs(tls_cert);
  serve->add_option("--trusted-proxy",
                    options.trusted_proxy,
                    "CIDR of the proxy whose X-Forwarded-* headers are believed");
  serve->add_option("--public-url", options.public_url, "How people reach --listen from outside");
  serve->add_option(
      "--device-public-url", options.device_public_url, "How devices reach --device-listen");
  serve
      ->add_option("--audit-days",
                   options.audit_days,
                   "Days that entries of audit logs are kept; 0: for ever")
      ->check(CLI::Range(0, 36'500))
      ->capture_default_str();
  serve->add_option("--metrics-listen",
                    options.metrics_listen,
                    "Loopback ADDRESS:PORT for Prometheus, plain HTTP [none]");
  AddWatch(*serve, options);
  serve
      ->add_option("--drain-seconds",
                   options.drain_sec,
                   "Seconds that requests in progress have when the server stops")
      ->check(CLI::Range(0, 3600))
      ->capture_default_str();
  serve
      ->add_option("--garbage-wait",
                   options.garbage_wait_sec,
                   "Seconds that a layer which no app names is kept")
      ->check(CLI::Range(0, 31'536'000))
      ->capture_default_str();
  serve
      ->add_option(
          "--garbage-every", options.garbage_every_sec, "Seconds between two looks for them")
      ->check(CLI::Range(1, 31'536'000))
      ->capture_default_str();
  serve
      ->add_option("--scrub-bytes",
                   options.scrub_bytes,
                   "Bytes of layers that are read in a minute to find damaged ones; 0: none")
      ->check(OfLargeNumbers())
      ->capture_default_str();
  serve->add_option("--console-dir",
                    options.console_dir,
                    "The console's files [../share/strata/console beside the program's folder]");
  serve->add_flag("--allow-private-webhooks",
                  options.account_limits.private_webhooks,
                  "Webhooks may use http and addresses of private networks");
  AddLimits(*serve, options);
  AddMasterKeyFile(serve, options.master_key);
  serve->footer(
      "Prints `ready URL DEVICE_URL` once both accept, and keeps DIR/account.env up to date.\n"
      "SIGTERM and SIGINT end it cleanly; SIGHUP reads --tls-cert and --tls-key again.\n\n"
      "Examples:\n"
      "  strata-cloud serve --data ./cloud --config ./cloud.conf\n"
      "  strata-cloud serve --data ./cloud --listen 0.0.0.0:8443 --device-listen 0.0.0.0:8444\n"
      "  strata-cloud serve --data ./cloud --tls-cert /etc/ssl/cloud.pem --tls-key "
      "/etc/ssl/private/cloud.key");
}

void AddAccounts(CLI::App& program, strata::cloud::AccountsOptions& options) {
  CLI::App* const accounts =
      program.add_subcommand("accounts", "Make accounts and give them another token");
  accounts->require_subcommand(1);
  CLI::App* const create = accounts->add_subcommand(
      "create", "Make an account; its SID and token are written to a file of mode 0600");
  create->add_option("--data", options.data, "Directory made by init")->required();
  create->add_option("--name", options.name, "A name for people");
  create->add_option("--env", options.env, "The file, which must not exist [DIR/SID.env]");
  create->footer(
      "A server may run meanwhile.\n\n"
      "Example:\n  strata-cloud accounts create --data ./cloud --name 'Team blue'");
  CLI::App* const list = accounts->add_subcommand(
      "list", "One line per account: SID, date created, name; tabs between");
  list->add_option("--data", options.data, "Directory made by init")->required();
  list->footer("Example:\n  strata-cloud accounts list --data ./cloud");
  CLI::App* const reset = accounts->add_subcommand(
      "reset-token", "Make another token, write it to the account's file and refuse the old one");
  reset->add_option("--data", options.data, "Directory made by init")->required();
  reset->add_option("--account", options.account, "SID of the account")->required();
  reset->add_option(
      "--env", options.env, "The file: new, or this account's [DIR/account.env or DIR/SID.env]");
  reset->footer(
      "A server may run meanwhile. API keys stay as they are.\n\n"
      "Example:\n"
      "  strata-cloud accounts reset-token --data ./cloud "
      "--account AC0123456789abcdef0123456789abcdef");
}

int RunAccounts(const CLI::App& accounts, const strata::cloud::AccountsOptions& options) {
  if (accounts.got_subcommand("create")) {
    return strata::cloud::CreateAccount(options);
  }
  return accounts.got_subcommand("list") ? strata::cloud::ListAccounts(options)
                                         : strata::cloud::ResetToken(options);
}

void AddCa(CLI::App& program, strata::cloud::CaOptions& options) {
  CLI::App* const ca = program.add_subcommand(
      "ca", "Replace the server's certificate, or the CA that devices and people pin");
  ca->require_subcommand(1);
  CLI::App* const reissue = ca->add_subcommand(
      "reissue", "Another certificate of the server, with another key, by the same CA");
  reissue->add_option("--data", options.data, "Directory made by init")->required();
  reissue->add_option("--hostname",
                      options.host_names,
                      "Names that are in it instead of those of before (repeatable); localhost is "
                      "always included");
  reissue->footer(
      "A server that runs shows it within ten seconds; connections stay.\n\n"
      "Example:\n  strata-cloud ca reissue --data ./cloud --hostname strata.example.com");
  CLI::App* const prepare = ca->add_subcommand(
      "prepare", "Make the next server CA: DIR/ca-next.pem; DIR/ca.pem then holds both");
  prepare->add_option("--data", options.data, "Directory made by init")->required();
  prepare->footer(
      "A server may run meanwhile. Next: bring both CAs to the devices with\n"
      "strata keys rotate --cloud-ca, see docs/guides/rotate-keys.md.\n\n"
      "Example:\n  strata-cloud ca prepare --data ./cloud");
  CLI::App* const change =
      ca->add_subcommand("switch", "Let the next start use the prepared CA; the server is stopped");
  change->add_option("--data", options.data, "Directory made by init")->required();
  change->footer(
      "Devices that did not yet hear of the new CA are locked out: look at strata keys list "
      "first.\n\n"
      "Example:\n  strata-cloud ca switch --data ./cloud");
}

int RunCa(const CLI::App& ca, const strata::cloud::CaOptions& options) {
  if (ca.got_subcommand("reissue")) {
    return strata::cloud::ReissueServer(options);
  }
  return ca.got_subcommand("prepare") ? strata::cloud::PrepareCa(options)
                                      : strata::cloud::SwitchCa(options);
}

void AddBackup(CLI::App& program,
               strata::cloud::BackupOptions& backup,
               strata::cloud::RestoreOptions& restore) {
  CLI::App* const save = program.add_subcommand("backup", "Write everything to one file");
  save->add_option("--data", backup.data, "Directory made by init")->required();
  save->add_option("--out", backup.file, "The file, which must not exist")->required();
  save->add_option("--passphrase-file",
                   backup.passphrase_file,
                   "File of mode 0600 whose first line the backup is encrypted under");
  save->footer(
      "A server may run meanwhile. A master key outside of DIR is not in it.\n"
      "Without --passphrase-file it holds keys and tokens in clear.\n\n"
      "Example:\n"
      "  strata-cloud backup --data ./cloud --out cloud.backup --passphrase-file backup.pass");
  CLI::App* const load =
      program.add_subcommand("restore", "Make a directory from a backup and check all of it");
  load->add_option("--from", restore.file, "The backup")->required();
  load->add_option("--data", restore.data, "Directory; new or empty")->required();
  load->add_option("--passphrase-file", restore.passphrase_file, "What it was encrypted under");
  load->footer(
      "Devices find their way by themselves: docs/guides/backup.md.\n\n"
      "Example:\n"
      "  strata-cloud restore --from cloud.backup --data ./cloud --passphrase-file backup.pass");
}

void AddMasterKey(CLI::App& program, strata::cloud::MasterKeyOptions& options) {
  CLI::App* const master_key =
      program.add_subcommand("master-key", "The key that secrets are sealed under");
  master_key->require_subcommand(1);
  CLI::App* const rotate =
      master_key->add_subcommand("rotate", "Make a new one and seal every secret anew");
  rotate->add_option("--data", options.data, "Directory made by init")->required();
  AddMasterKeyFile(rotate, options.master_key);
  rotate->footer(
      "The server is stopped. Interrupted, it loses nothing: the same command finishes it.\n"
      "Keep the old key as long as the backups it belongs to, see docs/guides/secrets.md.\n\n"
      "Example:\n  strata-cloud master-key rotate --data ./cloud");
}

void AddMan(CLI::App& program, std::string& directory) {
  CLI::App* const man = program.add_subcommand("man", "Write the man pages of all verbs");
  man->add_option("--out", directory, "Directory; made when it is missing")->required();
  man->footer("Example:\n  strata-cloud man --out ~/.local/share/man/man1");
}

int WriteMan(const CLI::App& program, const std::string& directory) {
  const strata::manual::Program about{.name = "strata-cloud",
                                      .version = STRATA_VERSION,
                                      .exit_status =
                                          "0 when it happened, 1 when it did not, 2 for a wrong "
                                          "command line; backup and restore: 3 "
                                          "when it happened, but layers are missing.",
                                      .see_also = {"strata", "strata-device"}};
  const auto failed = strata::manual::WritePages(directory, about, strata::manual::TreeOf(program));
  return failed ? strata::cloud::Complain(strata::Code::kIo,
                                          failed->path.string() + " can't be written: " +
                                              std::generic_category().message(failed->error))
                : 0;
}

/// The verb that the command line got to, with its nouns.
std::string CommandOf(const CLI::App& program) {
  std::string command = "strata-cloud";
  const CLI::App* app = &program;
  while (!app->get_subcommands().empty()) {
    app = app->get_subcommands().front();
    command += " " + app->get_name();
  }
  return command;
}

/// Help, version, or what is wrong with the command line.
int EndParsing(const CLI::App& program, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) {
    return program.exit(error);
  }
  constexpr int kUsage = 2;
  return strata::cloud::Complain(
      strata::Code::kInvalidArgument,
      strata::manual::WhatIsWrong(program, error) + "; see " + CommandOf(program) + " --help",
      kUsage);
}

/// What a command on the directory `data` ended with.
int Ended(const std::string& data, int exit_code) {
  strata::cloud::GiveToOwner(data);
  return exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  umask(077);
  strata::cloud::InitOptions init;
  strata::cloud::ServeOptions serve;
  strata::cloud::CaOptions ca;
  strata::cloud::AccountsOptions accounts;
  strata::cloud::MasterKeyOptions master_key;
  CLI::App program("The cloud of Strata: stores apps, targets devices, answers both.",
                   "strata-cloud");
  program.set_version_flag("--version", "strata-cloud " STRATA_VERSION);
  program.require_subcommand(1);
  AddInit(program, init);
  AddServe(program, serve);
  AddCa(program, ca);
  AddAccounts(program, accounts);
  AddMasterKey(program, master_key);
  strata::cloud::BackupOptions backup;
  strata::cloud::RestoreOptions restore;
  AddBackup(program, backup, restore);
  std::string man_directory;
  AddMan(program, man_directory);
  program.footer(
      "Examples:\n"
      "  strata-cloud init --data ./cloud --hostname strata.example.com\n"
      "  strata-cloud serve --data ./cloud --listen 0.0.0.0:8443 --device-listen 0.0.0.0:8444\n"
      "  strata-cloud serve --help");
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return EndParsing(program, error);
  }
  if (program.got_subcommand("man")) {
    return WriteMan(program, man_directory);
  }
  if (program.got_subcommand("accounts")) {
    return Ended(accounts.data, RunAccounts(*program.get_subcommand("accounts"), accounts));
  }
  if (program.got_subcommand("master-key")) {
    return Ended(master_key.data, strata::cloud::RotateMasterKey(master_key));
  }
  if (program.got_subcommand("backup")) {
    return Ended(backup.data, strata::cloud::Backup(backup));
  }
  if (program.got_subcommand("restore")) {
    return strata::cloud::Restore(restore);
  }
  if (program.got_subcommand("ca")) {
    return Ended(ca.data, RunCa(*program.get_subcommand("ca"), ca));
  }
  return program.got_subcommand("init") ? strata::cloud::Init(init) : strata::cloud::Serve(serve);
}
