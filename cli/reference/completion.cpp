// SPDX-License-Identifier: Apache-2.0
// The three scripts do the same: find out which command the words so far name (words that name no
// verb are arguments), then offer its verbs or its options.
#include <CLI/CLI.hpp>

#include "reference/reference.hpp"

namespace strata::cli {
namespace {

using manual::Command;
using manual::CommandOption;
using manual::Flatten;
using manual::PathOf;
using manual::TreeOf;

/// In single quotes for sh, zsh and fish.
std::string Quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) {
    quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return quoted + "'";
}

std::string FishQuoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) {
    quoted += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  }
  return quoted + "'";
}

std::string Joined(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) {
    line += (line.empty() ? "" : " ") + word;
  }
  return line;
}

std::string VerbsOf(const Command& command) {
  std::vector<std::string> names;
  for (const Command& verb : command.verbs) {
    names.push_back(verb.words.back());
  }
  return Joined(names);
}

std::string OptionsOf(const Command& command) {
  std::vector<std::string> names;
  for (const CommandOption& option : command.options) {
    if (!option.positional) {
      names.insert(names.end(), option.names.begin(), option.names.end());
    }
  }
  return Joined(names);
}

/// "(PATH/WORD) path=…" for each verb, for the loop over the words so far.
std::string Steps(const Command& root, const std::string& indent) {
  std::string lines;
  for (const Command* command : Flatten(root)) {
    for (const Command& verb : command->verbs) {
      lines += indent + Quoted(PathOf(*command) + "/" + verb.words.back()) +
               ") path=" + Quoted(PathOf(verb)) + " ;;\n";
    }
  }
  return lines;
}

/// One line of a case statement for each command.
std::string Tables(const Command& root, const std::string& indent) {
  std::string lines;
  for (const Command* command : Flatten(root)) {
    lines += indent + Quoted(PathOf(*command)) + ") verbs=" + Quoted(VerbsOf(*command)) +
             " options=" + Quoted(OptionsOf(*command)) + " ;;\n";
  }
  return lines;
}

/// One line for each option with fixed values; `path/option`.
std::string Choices(const Command& root, const std::string& indent) {
  std::string lines;
  for (const Command* command : Flatten(root)) {
    for (const CommandOption& option : command->options) {
      if (option.choices.empty() || option.positional) {
        continue;
      }
      for (const std::string& name : option.names) {
        lines += indent + Quoted(PathOf(*command) + "/" + name) +
                 ") values=" + Quoted(Joined(option.choices)) + " ;;\n";
      }
    }
  }
  return lines;
}

/// Finds the command that the words so far name, then its verbs, options and the values of the
/// option before the cursor. `loop` goes through the words, `word` is the one it is at.
std::string Lookup(const Command& root, const std::string& loop, const std::string& word) {
  return "  local path= verbs= options= values= i\n  " + loop + "\n    case $path/" + word +
         " in\n" + Steps(root, "      ") +
         "    esac\n"
         "  done\n"
         "  case $path in\n" +
         Tables(root, "    ") +
         "  esac\n"
         "  case $path/$before in\n" +
         Choices(root, "    ") + "  esac\n";
}

std::string PositionalChoices(const Command& command) {
  for (const CommandOption& option : command.options) {
    if (option.positional && !option.choices.empty()) {
      return Joined(option.choices);
    }
  }
  return {};
}

}  // namespace

std::string BashCompletion(const Command& root) {
  return "# bash completion for strata; made by `strata completion bash`\n"
         "_strata() {\n"
         "  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n" +
         Lookup(root, "for ((i = 1; i < COMP_CWORD; i++)); do", "${COMP_WORDS[i]}") +
         "  if [[ -n $values ]]; then\n"
         "    mapfile -t COMPREPLY < <(compgen -W \"$values\" -- \"$current\")\n"
         "  elif [[ $current == -* ]]; then\n"
         "    mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$current\")\n"
         "  elif [[ -n $verbs ]]; then\n"
         "    mapfile -t COMPREPLY < <(compgen -W \"$verbs\" -- \"$current\")\n"
         "  else\n"
         "    COMPREPLY=()\n"
         "  fi\n"
         "}\n"
         "complete -o default -F _strata strata\n";
}

std::string ZshCompletion(const Command& root) {
  return "#compdef strata\n"
         "# zsh completion for strata; made by `strata completion zsh`\n"
         "_strata() {\n"
         "  local current=${words[CURRENT]} before=${words[CURRENT-1]}\n" +
         Lookup(root, "for ((i = 2; i < CURRENT; i++)); do", "${words[i]}") +
         "  if [[ -n $values ]]; then\n"
         "    compadd -- ${=values}\n"
         "  elif [[ $current == -* ]]; then\n"
         "    compadd -- ${=options}\n"
         "  elif [[ -n $verbs ]]; then\n"
         "    compadd -- ${=verbs}\n"
         "  else\n"
         "    _files\n"
         "  fi\n"
         "}\n"
         "if [[ $zsh_eval_context == *loadautofunc* ]]; then\n"
         "  _strata \"$@\"\n"
         "else\n"
         "  compdef _strata strata\n"
         "fi\n";
}

std::string FishCompletion(const Command& root) {
  std::string script =
      "# fish completion for strata; made by `strata completion fish`\n"
      "function __strata_path\n"
      "    set -l path ''\n"
      "    for word in (commandline -opc)[2..]\n"
      "        switch \"$path/$word\"\n";
  for (const Command* command : Flatten(root)) {
    for (const Command& verb : command->verbs) {
      script += "            case " + FishQuoted(PathOf(*command) + "/" + verb.words.back()) +
                "\n                set path " + FishQuoted(PathOf(verb)) + "\n";
    }
  }
  script +=
      "        end\n"
      "    end\n"
      "    echo $path\n"
      "end\n"
      "function __strata_at\n"
      "    test \"$argv[1]\" = (__strata_path)\n"
      "end\n";
  for (const Command* command : Flatten(root)) {
    const std::string at =
        "complete -c strata -n " + FishQuoted("__strata_at '" + PathOf(*command) + "'");
    for (const Command& verb : command->verbs) {
      script += at + " -f -a " + FishQuoted(verb.words.back()) + " -d " +
                FishQuoted(verb.description) + "\n";
    }
    if (const std::string values = PositionalChoices(*command); !values.empty()) {
      script += at + " -f -a " + FishQuoted(values) + "\n";
    }
    for (const CommandOption& option : command->options) {
      if (option.positional) {
        continue;
      }
      std::string line = at;
      for (const std::string& name : option.names) {
        line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      }
      line += option.takes_value ? " -r" : "";
      line += option.choices.empty() ? "" : " -f -a " + FishQuoted(Joined(option.choices));
      script += line + " -d " + FishQuoted(option.description) + "\n";
    }
  }
  return script;
}

void AddCompletion(CLI::App& root, Session& session) {
  CLI::App& verb = *root.add_subcommand("completion", "Print a completion script for a shell");
  auto shell = std::make_shared<std::string>();
  verb.add_option("SHELL", *shell, "bash, zsh or fish")
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->required();
  verb.footer(
      "Example:\n"
      "  strata completion bash > ~/.local/share/bash-completion/completions/strata\n"
      "  strata completion zsh > ~/.zfunc/_strata      (with ~/.zfunc in fpath)\n"
      "  strata completion fish > ~/.config/fish/completions/strata.fish");
  verb.callback([&root, &session, shell] {
    session.action = [&root, &session, shell]() -> Outcome {
      const Command tree = TreeOf(root);
      session.context.out << (*shell == "bash"  ? BashCompletion(tree)
                              : *shell == "zsh" ? ZshCompletion(tree)
                                                : FishCompletion(tree));
      return Done{};
    };
  });
}

}  // namespace strata::cli
