// SPDX-License-Identifier: Apache-2.0
#include "strata/platform/linux/device_app.hpp"

namespace strata::device {

Status NullApp::Start() {
  if (!told_) {
    told_ = true;
    log_.Line("this hardware profile has no emulator: the app is installed, no program is started");
  }
  return {};
}

}  // namespace strata::device
