// SPDX-License-Identifier: Apache-2.0
// What waits for a webhook, in the order in which it is due, without reading what does not.
#include <array>

#include "migrations.hpp"

namespace strata::cloud {
namespace {

constexpr std::array<std::string_view, 1> kStatements = {
    "CREATE INDEX webhook_deliveries_waiting ON webhook_deliveries (account_sid, webhook_sid, "
    "next_attempt, event, dead) WHERE dead = 0",
};

}  // namespace

MigrationStep Migration0015() {
  return kStatements;
}

}  // namespace strata::cloud
