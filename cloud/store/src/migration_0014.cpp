// SPDX-License-Identifier: Apache-2.0
// Pages with checksums, which a program that knows of none must not write: it refuses this schema.
#include <array>

#include "migrations.hpp"

namespace strata::cloud {
namespace {

constexpr std::array<std::string_view, 1> kStatements = {
    "INSERT INTO markers (name, writes) VALUES ('page-sums', 0)",
};

}  // namespace

MigrationStep Migration0014() {
  return kStatements;
}

}  // namespace strata::cloud
