// SPDX-License-Identifier: Apache-2.0
#include "deploy/project.hpp"

#include <algorithm>

namespace strata::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kNamedAtMost = 4;

Outcome Step(const std::vector<std::string>& words, const Session& session) {
  STRATA_TRY_ASSIGN(const int code,
                    session.context.run_program(words, !session.Shows(LogLevel::kInfo)));
  if (code == 0) {
    return Done{};
  }
  return Local(Code::kInvalidArgument,
               words.front() + " " + words[1] + " ended with exit code " + std::to_string(code),
               "its messages stand above; --clean starts over");
}

bool IsCMakesOwn(const fs::path& directory) {
  return directory.filename() == "CMakeFiles" || directory.filename() == "_deps";
}

std::vector<fs::path> FilesEndingIn(const std::string& extension, const fs::path& directory) {
  std::vector<fs::path> files;
  std::error_code error;
  fs::recursive_directory_iterator at(
      directory, fs::directory_options::skip_permission_denied, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    std::error_code ignored;
    if (at->is_directory(ignored) && IsCMakesOwn(at->path())) {
      at.disable_recursion_pending();
    } else if (at->is_regular_file(ignored) && at->path().extension() == extension) {
      files.push_back(at->path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

Problem Several(const std::vector<fs::path>& files) {
  std::string names;
  for (std::size_t i = 0; i < std::min(files.size(), kNamedAtMost); ++i) {
    names += (i == 0 ? "" : ", ") + files[i].string();
  }
  names += files.size() > kNamedAtMost ? ", ..." : "";
  return Local(Code::kInvalidArgument,
               "the build made " + std::to_string(files.size()) + " programs: " + names,
               "say which with --rom FILE");
}

}  // namespace

Expected<Project> OpenProject(const std::string& directory) {
  std::error_code error;
  const fs::path source = fs::canonical(directory, error);
  if (error || !fs::is_directory(source, error)) {
    return Local(
        Code::kNotFound, directory + ": is no directory", "name the directory of a CMake project");
  }
  return Project{source, source / "build", source.filename().string()};
}

Outcome BuildProject(const Project& project,
                     const std::vector<std::string>& cmake_options,
                     bool clean,
                     const Session& session) {
  std::error_code error;
  if (!fs::exists(project.source / "CMakeLists.txt", error)) {
    return Local(Code::kNotFound,
                 project.source.string() + ": has no CMakeLists.txt",
                 "name a CMake project, or build it yourself and use --deploy --rom FILE");
  }
  const bool configured = fs::exists(project.build / "CMakeCache.txt", error);
  if (!configured || clean || !cmake_options.empty()) {
    std::vector<std::string> words{
        "cmake", "-S", project.source.string(), "-B", project.build.string()};
    if (configured && clean) {
      words.emplace_back("--fresh");
    }
    words.insert(words.end(), cmake_options.begin(), cmake_options.end());
    STRATA_TRY(Step(words, session));
  }
  std::vector<std::string> words{"cmake", "--build", project.build.string()};
  if (clean) {
    words.emplace_back("--clean-first");
  }
  return Step(words, session);
}

Expected<fs::path> FindBuiltProgram(const Project& project) {
  for (const char* extension : {".elf", ".bin", ".hex"}) {
    const std::vector<fs::path> files = FilesEndingIn(extension, project.build);
    if (files.size() == 1) {
      return files.front();
    }
    if (!files.empty()) {
      return Several(files);
    }
  }
  return Local(Code::kNotFound,
               project.build.string() + ": the build made no .elf, .bin or .hex file",
               "build it first, or name the program with --rom FILE");
}

}  // namespace strata::cli
