// SPDX-License-Identifier: Apache-2.0
/// A CMake project on disk: building it, and finding what the build made. Role: files and the build
/// program; knows no bundles and no cloud.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "support/session.hpp"

namespace strata::cli {

struct Project {
  std::filesystem::path source;  ///< absolute
  std::filesystem::path build;   ///< source/build
  std::string name;              ///< of the directory
};

/// * kNotFound: no such directory.
Expected<Project> OpenProject(const std::string& directory);

/// Configures, when there is no build yet or with `clean`, and builds with CMake. What CMake prints
/// goes to standard error. `clean` starts over without deleting files that CMake does not know.
/// * kNotFound: no CMakeLists.txt, or no cmake. * kInvalidArgument: a step of the build failed.
Outcome BuildProject(const Project& project,
                     const std::vector<std::string>& cmake_options,
                     bool clean,
                     const Session& session);

/// The program that the build made: the one .elf file, else the one .bin, else the one .hex below
/// the build directory, CMake's own files left out.
/// * kNotFound: none. * kInvalidArgument: several; the message names them.
Expected<std::filesystem::path> FindBuiltProgram(const Project& project);

}  // namespace strata::cli
