// SPDX-License-Identifier: Apache-2.0
#include "console_files.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <openssl/sha.h>

#include "strata/core/hex.hpp"

namespace strata::cloud::http {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostFiles = 1000;
constexpr std::size_t kMostBytes = std::size_t{64} * 1024 * 1024;
constexpr std::string_view kHashedNames = "assets/";

struct TypeOfName {
  std::string_view ending;
  std::string_view type;
};

constexpr std::array kTypes = {
    TypeOfName{".html", "text/html; charset=utf-8"},
    TypeOfName{".js", "text/javascript; charset=utf-8"},
    TypeOfName{".css", "text/css; charset=utf-8"},
    TypeOfName{".svg", "image/svg+xml"},
    TypeOfName{".png", "image/png"},
    TypeOfName{".woff2", "font/woff2"},
    TypeOfName{".json", "application/json"},
    TypeOfName{".txt", "text/plain; charset=utf-8"},
};

std::string TypeOf(std::string_view name) {
  for (const TypeOfName& each : kTypes) {
    if (name.ends_with(each.ending)) {
      return std::string(each.type);
    }
  }
  return "application/octet-stream";
}

std::string TagOf(const std::string& bytes) {
  std::array<std::uint8_t, SHA256_DIGEST_LENGTH> hash{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), hash.data());
  constexpr std::size_t kTagBytes = 16;  // chance never makes two files' tags equal
  std::string tag(2 * kTagBytes, '0');
  ToHex(std::span(hash).first(kTagBytes), tag);
  return tag;
}

ApiError Unusable(std::string message) {
  return {.status = 400, .code = 20001, .message = std::move(message)};
}

}  // namespace

ApiResult<ConsoleFiles> ConsoleFiles::Load(const std::string& directory) {
  std::map<std::string, std::string, std::less<>> found;
  std::size_t bytes = 0;
  std::error_code error;
  fs::recursive_directory_iterator each(directory, error);
  for (; !error && each != fs::recursive_directory_iterator(); each.increment(error)) {
    std::error_code ignored;
    if (!each->is_regular_file(ignored) || each->is_symlink(ignored)) {
      continue;
    }
    std::ifstream file(each->path(), std::ios::binary);
    std::string content{std::istreambuf_iterator<char>(file), {}};
    bytes += content.size();
    if (!file.good() && !file.eof()) {
      return Unusable("can't read " + each->path().string());
    }
    if (found.size() == kMostFiles || bytes > kMostBytes) {
      return Unusable(directory + " has more than 1000 files or 64 MiB; is it the console's?");
    }
    found.emplace(each->path().lexically_relative(directory).generic_string(), std::move(content));
  }
  if (error || !found.contains("index.html")) {
    return Unusable(directory + " holds no console: there is no index.html to read");
  }
  ConsoleFiles files;
  for (const auto& [name, content] : found) {
    const auto form = [&found, &name = name](const char* ending) {
      const auto at = found.find(name + ending);
      return at == found.end() ? std::string() : at->second;
    };
    files.files_[name] = {.content_type = TypeOf(name),
                          .tag = TagOf(content),
                          .immutable = name.starts_with(kHashedNames),
                          .plain = content,
                          .gzip = form(".gz"),
                          .brotli = form(".br")};
  }
  return files;
}

const ConsoleFile* ConsoleFiles::Find(std::string_view name) const {
  const auto found = files_.find(name);
  return found == files_.end() ? nullptr : &found->second;
}

}  // namespace strata::cloud::http
