// SPDX-License-Identifier: Apache-2.0
#include "support/run.hpp"

#include <algorithm>
#include <exception>
#include <filesystem>
#include <stdexcept>

#include <CLI/CLI.hpp>

#include "accounts/accounts.hpp"
#include "api_keys/api_keys.hpp"
#include "apps/apps.hpp"
#include "audit/audit.hpp"
#include "bundle/bundle.hpp"
#include "conformance/conformance.hpp"
#include "debug/debug.hpp"
#include "deploy/deploy.hpp"
#include "devices/devices.hpp"
#include "doctor/doctor.hpp"
#include "keys/keys.hpp"
#include "login.hpp"
#include "logs/logs.hpp"
#include "profiles/profiles.hpp"
#include "reference/reference.hpp"
#include "settings/settings.hpp"
#include "support/output.hpp"
#include "support/session.hpp"
#include "support/spelling.hpp"
#include "support/unknown_command.hpp"
#include "webhooks/webhooks.hpp"

namespace strata::cli {
namespace {

constexpr const char* kExitCodes =
    "Exit codes\n"
    "  0   it happened\n"
    "  1   the command line is wrong, or the failure has no code\n"
    "  2   the command line is wrong and in the original's spelling (api:microvisor:..., api ...)\n"
    "  10-90  the first two digits of the error's code:\n"
    "      10, 11 general   20, 21 manifest (and most refusals of the cloud, codes 20xxx)\n"
    "      30 layer     40-43 flash, journal, staging, key store     50 application\n"
    "      60 network   65 a bundle or app that the cloud refuses    70 cryptography\n"
    "      80-82 bundle file, key file, image     90 conformance kit\n"
    "  The whole code and what to do next stand in the line on stderr; docs/spec/errors.md and\n"
    "  docs/spec/rest.md list them all.\n";

CLI::App& AddNoun(CLI::App& root, const std::string& name, const std::string& description) {
  CLI::App& noun = *root.add_subcommand(name, description);
  noun.require_subcommand(1);
  return noun;
}

void AddHelp(CLI::App& root, Session& session) {
  CLI::App& help = *root.add_subcommand("help", "Help for a verb, or `help exit-codes`");
  auto topic = std::make_shared<std::string>();
  help.add_option("TOPIC", *topic, "exit-codes");
  help.callback([&root, &session, topic] {
    session.action = [&root, &session, topic]() -> Outcome {
      // root.help() would be that of the verb that was given, which is this one.
      const auto overview = [&root] {
        return root.get_formatter()->make_help(&root, root.get_name(), CLI::AppFormatMode::Normal);
      };
      session.context.out << (*topic == "exit-codes" ? std::string(kExitCodes) : overview());
      return Done{};
    };
  });
}

void AddEverything(CLI::App& root, Session& session) {
  root.require_subcommand(1);
  root.set_version_flag("--version", "strata " STRATA_VERSION);
  root.footer(
      "Examples:\n"
      "  strata login --env data/account.env\n"
      "  strata bundle create app.elf app.zip --hardware mps2-an505\n"
      "  strata apps create app.zip my-app-1.0\n"
      "  strata devices update --sid UV... --target-app my-app-1.0 --wait\n"
      "The original's spellings work too: strata microvisor:apps:bundle ROM OUT, ...");
  AddLogin(root, session);
  AddProfiles(AddNoun(root, "profiles", "List, choose and forget profiles"), session);
  AddKeys(AddNoun(root, "keys", "Make, register, list and change keys"), session);
  AddBundle(AddNoun(root, "bundle", "Create, look into, check and sign bundles"), session);
  AddApps(AddNoun(root, "apps", "Upload, list, remove and prune apps"), session);
  AddDevices(AddNoun(root, "devices", "Provision, list and update devices"), session);
  AddSettings(root, session, {.secret = false, .of_device = false});
  AddSettings(root, session, {.secret = true, .of_device = false});
  AddLogs(AddNoun(root, "logs", "What devices say of themselves"), session);
  AddWebhooks(AddNoun(root, "webhooks", "Who is told what becomes of deployments"), session);
  AddDeploy(root, session);
  AddApiKeys(AddNoun(root, "api-keys", "Keys for scripts and machines"), session);
  AddAudit(AddNoun(root, "audit", "Who changed what, and proof that nothing is missing"), session);
  AddAccounts(AddNoun(root, "accounts", "The account you are signed in to"), session);
  AddDebug(AddNoun(root, "debug", "Keys for debugging apps"), session);
  AddConformance(root, session);
  AddDoctor(root, session);
  AddCompletion(root, session);
  AddMan(root, session);
  AddHelp(root, session);
}

/// The deepest verb that was named, for its own help.
const CLI::App& DeepestVerb(const CLI::App& root) {
  const CLI::App* app = &root;
  while (!app->get_subcommands().empty()) {
    app = app->get_subcommands().front();
  }
  return *app;
}

std::string CommandOf(const CLI::App& root, const CLI::App& verb) {
  if (&verb == &root) {
    return root.get_name();
  }
  return CommandOf(root, *verb.get_parent()) + " " + verb.get_name();
}

std::string Bracketed(std::string text, bool required) {
  return required ? text : "[" + text + "]";
}

/// The form that is meant, on one line: what must be there, what may be, and for a noun its verbs.
std::string UsageOf(const CLI::App& root, const CLI::App& verb) {
  std::string usage = CommandOf(root, verb);
  std::string verbs;
  for (const CLI::App* each : verb.get_subcommands({})) {
    verbs += (verbs.empty() ? "" : "|") + each->get_name();
  }
  if (!verbs.empty()) {
    return usage + " " + verbs;
  }
  for (const CLI::Option* option : verb.get_options()) {
    if (option->get_required() && option->nonpositional()) {
      const bool value = option->get_type_size_max() > 0;
      usage += " " + option->get_name() + (value ? " VALUE" : "");
    }
  }
  for (const CLI::Option* option : verb.get_options()) {
    if (option->get_positional()) {
      usage += " " + Bracketed(option->get_name(true, false), option->get_required());
    }
  }
  return usage + " [OPTIONS]";
}

/// `-o json` in its spellings: a command line that can't be parsed has filled no options in.
bool AsksForJson(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word(words[i]);
    for (const std::string_view option : {"-o", "--output", "--cli-output-format"}) {
      const bool apart = word == option && i + 1 < words.size() && words[i + 1] == "json";
      if (apart || word == std::string(option) + "=json" || word == "-ojson") {
        return true;
      }
    }
  }
  return false;
}

/// The parser throws what the standard library throws when a flag is given a word: name it.
Problem FlagWithAWord(const CLI::App& verb, const std::vector<std::string>& words) {
  std::string which = "a flag";
  for (const std::string& word : words) {
    const std::string name = word.substr(0, word.find('='));
    const CLI::Option* const option =
        name.size() < word.size() ? verb.get_option_no_throw(name) : nullptr;
    which = option != nullptr && option->get_expected_max() == 0 ? name : which;
  }
  return Usage(which + " takes true, false or nothing");
}

int ParseAndRun(CLI::App& root, std::vector<std::string> words, Session& session) {
  const bool json = AsksForJson(words);
  const std::vector<std::string> given = words;
  try {
    std::reverse(words.begin(), words.end());  // CLI11 takes them from the back
    root.parse(words);
  } catch (const CLI::CallForVersion&) {
    session.context.out << "strata " STRATA_VERSION "\n";
    return 0;
  } catch (const CLI::CallForHelp&) {
    if (const std::optional<std::string> why = WhyNoVerb(root, given)) {
      return WriteProblem(session, Usage(*why + "; see " + root.get_name() + " --help"));
    }
    session.context.out << root.help();
    return 0;
  } catch (const CLI::ParseError& error) {
    session.common.format = json ? "json" : "columns";
    const CLI::App& verb = DeepestVerb(root);
    std::optional<std::string> why = WhyNoVerb(root, given);
    why = why ? why : UnknownOption(verb);
    return WriteProblem(session,
                        Usage(why.value_or(error.what()) + "; usage: " + UsageOf(root, verb) +
                              "; see " + CommandOf(root, verb) + " --help"));
  } catch (const std::logic_error&) {
    session.common.format = json ? "json" : "columns";
    return WriteProblem(session, FlagWithAWord(DeepestVerb(root), given));
  }
  if (!session.action) {
    session.context.out << root.help();
    return 0;
  }
  const Outcome outcome = session.action();
  return outcome.ok() ? 0 : WriteProblem(session, outcome.error());
}

}  // namespace

int Run(const std::string& program, const std::vector<std::string>& arguments, Context& context) {
  Session session(context);
  try {
    CLI::App root("Strata: bundles, apps and devices", "strata");
    AddEverything(root, session);
    const std::string name = std::filesystem::path(program).filename().string();
    root.name(name.empty() ? "strata" : name);
    session.usage_exit_code = IsOriginalSpelling(arguments) ? 2 : 1;
    const int code = ParseAndRun(root, OurSpelling(arguments), session);
    context.out.flush();
    if (code == 0 && !context.out) {
      return WriteProblem(session, Local(Code::kIo, "standard output can't be written"));
    }
    return code;
  } catch (const std::exception& error) {
    return WriteProblem(session, Local(Code::kInternal, error.what()));
  }
}

}  // namespace strata::cli
