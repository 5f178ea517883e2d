// SPDX-License-Identifier: Apache-2.0
/// The verbs of strata-device. Each answers the program's exit code: 0 it happened, 1 it did
/// not, and then one line on stderr says what is wrong, with a stable code, and what to do.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "strata/core/error.hpp"
#include "strata/platform/linux/expected.hpp"

namespace strata::device {

struct RunOptions {
  std::string directory;
  std::uint32_t max_range_bytes = 256 * 1024;
  std::string launcher;  ///< empty: beside the program
  std::string qemu = "qemu-system-arm";
};

/// Runs the device until SIGTERM or SIGINT; formats it first if it never ran.
int Run(const RunOptions& options);

struct InstallOptions {
  std::string directory;
  std::string parts;       ///< folder of the manifest and the layers, named by their SHA-256
  std::string app;         ///< SID
  std::string manifest;    ///< its SHA-256
  std::string deployment;  ///< 32 hexadecimal digits
};

/// Installs the first app of a device that never ran, without a network, completely or not at all:
/// after a failure the device is as new. Starts nothing.
int Install(const InstallOptions& options);

struct StatusOptions {
  std::string directory;
  bool json = false;
};

/// Prints what the journal says, also while a device runs there. Changes nothing.
int ShowStatus(const StatusOptions& options);

/// Prints "strata-device: error CODE NAME: MESSAGE" on stderr, code and name of
/// docs/spec/errors.md; answers `exit_code`.
int Complain(Code code, std::string_view message, int exit_code = 1);
int Complain(const Failure& failure);

}  // namespace strata::device
