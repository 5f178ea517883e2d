// SPDX-License-Identifier: Apache-2.0
#include "state_log.hpp"

#include <string>

#include "status_text.hpp"

namespace strata::device {

void StateLog::OnStateChange(engine::State from, engine::State to, const Error& error) {
  changes_.push_back({from, to, error});
}

void StateLog::Flush(const engine::Snapshot& now) {
  const auto& deployment = now.update ? now.update : now.current;
  for (const Change& change : changes_) {
    std::string line = "state " + std::string(wire::NameOf(change.from)) + " -> " +
                       std::string(wire::NameOf(change.to));
    if (deployment) {
      line += " (deployment " + HexOf(deployment->id) + ")";
    }
    if (change.error.code != Code::kOk) {
      line += ": " + Describe(change.error);
    }
    log_.Line(line);
    if (on_change_) {
      on_change_(change.to, change.error);
    }
  }
  changes_.clear();
}

}  // namespace strata::device
