// SPDX-License-Identifier: Apache-2.0
/// strata deploy PROJECT: build, bundle, upload, give the app to a device, wait. The original's
/// `microvisor:deploy` with its options. Role: the order of steps that other verbs do; the build is
/// in project.hpp. Reference: docs/guides/deploy-a-project.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bundle/bundle.hpp"
#include "support/verb.hpp"

namespace strata::cli {

struct DeployOptions {
  std::string project;
  std::string device;        ///< SID or unique name; empty: $STRATA_DEVICE_SID or $MV_DEVICE_SID
  bool build_only = false;   ///< build and bundle
  bool deploy_only = false;  ///< take what was built before
  bool clean = false;        ///< configure and build from the beginning
  bool make_keys = false;    ///< a debug key pair, when there is none
  std::string public_key;    ///< debug key's public half; empty: none, or where make_keys puts it
  std::string private_key;
  std::vector<std::string> cmake_options;  ///< for configuring
  std::string unique_name;                 ///< of the app
  std::string bundle_out;                  ///< file of the bundle; empty: below the build directory
  bool no_wait = false;
  bool log = false;       ///< follow the device's log at the end
  bool log_only = false;  ///< do nothing else
  std::uint32_t timeout_sec = 600;
  CreateBundleOptions bundle;  ///< `rom` empty: the one program that the build made
};

/// The device is looked up before anything is built; its hardware is the bundle's unless another is
/// named. With build_only it is looked up for that alone, when it is named and the hardware is not.
/// With `log` the device's logging is turned on; its log since then is shown at the end, until it
/// is interrupted, or up to now when the update fails. Returns OK when the device has confirmed the
/// app (or with no_wait: has been given it).
/// * Usage: no device, or options that exclude one another. * as BuildProject, FindProgram; * any
/// failure of bundle create, apps create and devices update.
Outcome RunDeploy(const DeployOptions& options, Session& session);

/// `root` may be a noun: the original spelt it microvisor:deploy.
void AddDeploy(CLI::App& root, Session& session);

}  // namespace strata::cli
