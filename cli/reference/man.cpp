// SPDX-License-Identifier: Apache-2.0
#include "strata/manual/man_page.hpp"

#include "reference/reference.hpp"
#include "support/files.hpp"

namespace strata::cli {
namespace {

manual::Program AboutStrata() {
  return {.name = "strata",
          .version = STRATA_VERSION,
          .exit_status =
              "0 when it happened, otherwise the first two digits of the error's code, or 1; "
              "strata help exit-codes lists them.",
          .see_also = {"strata-cloud", "strata-device"}};
}

}  // namespace

void AddMan(CLI::App& root, Session& session) {
  CLI::App& verb = *root.add_subcommand("man", "Write the man pages of all verbs");
  auto directory = std::make_shared<std::string>();
  verb.add_option("--out", *directory, "Directory; made when it is missing")->required();
  verb.footer("Example:\n  strata man --out ~/.local/share/man/man1");
  verb.callback([&root, &session, directory] {
    session.action = [&root, directory]() -> Outcome {
      const auto failed = manual::WritePages(*directory, AboutStrata(), manual::TreeOf(root));
      return failed ? Outcome(FileProblem(failed->error, failed->path, "can't be written"))
                    : Outcome(Done{});
    };
  });
}

}  // namespace strata::cli
