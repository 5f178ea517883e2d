// SPDX-License-Identifier: Apache-2.0
// Which updates are under way, for deadlines.
#include <array>

#include "migrations.hpp"

namespace strata::cloud {
namespace {

constexpr std::array<std::string_view, 1> kStatements = {
    "CREATE INDEX devices_pending ON devices (account_sid, sid) WHERE update_status = 1",
};

}  // namespace

MigrationStep Migration0011() {
  return kStatements;
}

}  // namespace strata::cloud
