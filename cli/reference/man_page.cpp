// SPDX-License-Identifier: Apache-2.0
// Pages in the man macros (groff_man(7)).
#include <algorithm>
#include <filesystem>

#include <CLI/CLI.hpp>

#include "reference/reference.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

namespace strata::cli {
namespace {

/// Text in which nothing is a request or an escape, and a hyphen can be copied as a minus.
std::string Escaped(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\') {
      escaped += "\\e";
    } else if (c == '-') {
      escaped += "\\-";
    } else {
      escaped += c;
    }
  }
  const bool request = escaped.starts_with('.') || escaped.starts_with('\'');
  return (request ? "\\&" : "") + escaped;
}

std::string FullName(const Command& command) {
  const std::string path = PathOf(command);
  return path.empty() ? "strata" : "strata " + path;
}

std::string Synopsis(const Command& command) {
  std::string line = ".B " + Escaped(FullName(command)) + "\n";
  if (!command.verbs.empty()) {
    return line + ".I VERB\n.RI [ OPTIONS ]\n";
  }
  for (const CommandOption& option : command.options) {
    if (option.positional) {
      line += (option.required ? ".I " + Escaped(option.names.front())
                               : ".RI [ " + Escaped(option.names.front()) + " ]") +
              "\n";
    }
  }
  return line + ".RI [ OPTIONS ]\n";
}

std::string OptionEntry(const CommandOption& option) {
  std::string names;
  for (const std::string& name : option.names) {
    names += (names.empty() ? "" : ", ") + Escaped(name);
  }
  std::string text = ".TP\n.B " + names + "\n";
  text += Escaped(option.description.empty() ? "See the example." : option.description);
  const bool told = std::all_of(
      option.choices.begin(), option.choices.end(), [&option](const std::string& choice) {
        return option.description.find(choice) != std::string::npos;
      });
  if (!told) {
    text += "\nOne of: ";
    for (std::size_t i = 0; i < option.choices.size(); ++i) {
      text += (i == 0 ? "" : ", ") + Escaped(option.choices[i]);
    }
    text += '.';
  }
  return text + "\n";
}

std::string SeeAlso(const Command& command, const Command& root) {
  std::string line;
  const auto add = [&line](const Command& other) {
    const std::string name = ManPageName(other);
    line += (line.empty() ? "" : ",\n") + std::string(".BR ") +
            Escaped(name.substr(0, name.size() - 2)) + " (1)";
  };
  if (!command.words.empty()) {
    add(root);
  }
  for (const Command& verb : command.verbs) {
    add(verb);
  }
  return line.empty() ? "" : ".SH SEE ALSO\n" + line + "\n";
}

Outcome WritePages(const std::filesystem::path& directory, const Command& root) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) {
    return FileProblem(error.value(), directory, "can't be made");
  }
  for (const Command* command : Flatten(root)) {
    STRATA_TRY(WriteFile(directory / ManPageName(*command),
                         ManPage(*command, root, STRATA_VERSION),
                         kPublicFile,
                         Overwrite::kReplace));
  }
  return Done{};
}

}  // namespace

std::string ManPageName(const Command& command) {
  std::string name = "strata";
  for (const std::string& word : command.words) {
    name += "-" + word;
  }
  return name + ".1";
}

std::string ManPage(const Command& command, const Command& root, const std::string& version) {
  const std::string name = ManPageName(command);
  const std::string title = Escaped(name.substr(0, name.size() - 2));
  std::string page = ".TH " + title + " 1 \"\" \"strata " + version + "\" \"Strata\"\n.SH NAME\n" +
                     title + " \\- " + Escaped(command.description) + "\n.SH SYNOPSIS\n" +
                     Synopsis(command);
  if (!command.verbs.empty()) {
    page += ".SH VERBS\n";
    for (const Command& verb : command.verbs) {
      page += ".TP\n.B " + Escaped(verb.words.back()) + "\n" + Escaped(verb.description) + "\n";
    }
  }
  page += ".SH OPTIONS\n";
  for (const CommandOption& option : command.options) {
    page += OptionEntry(option);
  }
  if (!command.footer.empty()) {
    page += ".SH EXAMPLES\n.nf\n";
    for (const std::string& line : Split(command.footer, '\n')) {
      if (line != "Example:" && line != "Examples:") {
        page += Escaped(line) + "\n";
      }
    }
    page += ".fi\n";
  }
  page +=
      ".SH EXIT STATUS\n0 when it happened, otherwise the first two digits of the error's code, or "
      "1;\n"
      ".B strata help exit\\-codes\nlists them.\n";
  return page + SeeAlso(command, root);
}

void AddMan(CLI::App& root, Session& session) {
  CLI::App& verb = *root.add_subcommand("man", "Write the man pages of all verbs");
  auto directory = std::make_shared<std::string>();
  verb.add_option("--out", *directory, "Directory; made when it is missing")->required();
  verb.footer("Example:\n  strata man --out ~/.local/share/man/man1");
  verb.callback([&root, &session, directory] {
    session.action = [&root, directory] { return WritePages(*directory, TreeOf(root)); };
  });
}

}  // namespace strata::cli
