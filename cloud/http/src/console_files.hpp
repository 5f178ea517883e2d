// SPDX-License-Identifier: Apache-2.0
/// ConsoleFiles: the console's static files, read whole when the server starts.
/// Role: holds them and says what each is. A request only looks its path up among them: no path of
/// a request ever reaches the file system. Context: immutable after Load(), therefore thread-safe.
/// Reference: docs/spec/console.md.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "strata/cloud/domain/api_error.hpp"

namespace strata::cloud::http {

struct ConsoleFile {
  std::string content_type;
  std::string tag;         ///< of the bytes, for ETags, without quotes
  bool immutable = false;  ///< its name changes when its bytes do
  std::string plain;
  std::string gzip;    ///< empty: there is none
  std::string brotli;  ///< the same
};

class ConsoleFiles {
 public:
  /// Every regular file below `directory`; `NAME.gz` and `NAME.br` are other forms of `NAME`.
  /// * 400/20001: no index.html there, a file that can't be read, or more than 1000 files or 64
  /// MiB.
  static ApiResult<ConsoleFiles> Load(const std::string& directory);

  /// "assets/a.js"; nullptr: there is none.
  [[nodiscard]] const ConsoleFile* Find(std::string_view name) const;

 private:
  std::map<std::string, ConsoleFile, std::less<>> files_;
};

}  // namespace strata::cloud::http
