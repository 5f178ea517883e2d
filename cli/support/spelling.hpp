// SPDX-License-Identifier: Apache-2.0
/// Other spellings of our verbs: `noun:verb`, and the original's commands as the product page
/// prints them, with colons or spaces. Role: words → words; knows no options but those that tell an
/// update apart. Reference: page "Create and upload bundles", "Changing Apps and deployments";
/// microvisor-facts §3.
#pragma once

#include <string>
#include <vector>

namespace strata::cli {

/// Arguments (without the program's name) as `noun verb …`; those that are ours already come back
/// as they are. `help NOUN VERB` becomes `NOUN VERB --help`.
std::vector<std::string> OurSpelling(const std::vector<std::string>& arguments);

/// Whether the command is one of the original's: with a colon, or below `api` or `microvisor`.
bool IsOriginalSpelling(const std::vector<std::string>& arguments);

}  // namespace strata::cli
