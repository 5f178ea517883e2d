// SPDX-License-Identifier: Apache-2.0
#include "access_log.hpp"

#include <ctime>

#include <boost/json.hpp>
#include <unistd.h>

#include "json.hpp"
#include "json_text.hpp"

namespace strata::cloud::http {
namespace {

constexpr std::size_t kMaxPathChars = 256;

boost::json::object Begin(const Request& request) {
  boost::json::object line;
  line["time"] = Text(DateText(static_cast<UnixSeconds>(std::time(nullptr))));
  line["request"] = Text(request.id);
  line["method"] = Text(std::string_view(request.method).substr(0, 16));
  line["path"] = Text(std::string_view(request.path).substr(0, kMaxPathChars));
  if (request.device) {
    line["device"] = Text(request.device->sid.text());
  }
  return line;
}

void WriteLine(int fd, const boost::json::object& line) {
  const std::string text = boost::json::serialize(line) + "\n";
  // A log that can't be written must not stop the server.
  [[maybe_unused]] const ssize_t written = write(fd, text.data(), text.size());
}

}  // namespace

void LogAccess(int fd, const Request& request, const AccessLine& line) {
  if (fd < 0) {
    return;
  }
  boost::json::object text = Begin(request);
  text["status"] = line.status;
  text["bytes"] = line.sent_bytes;
  text["ms"] = line.took_ms;
  WriteLine(fd, text);
}

void LogFailure(int fd, const Request& request, const char* what) {
  if (fd < 0) {
    return;
  }
  boost::json::object text = Begin(request);
  text["failure"] = Text(what);
  WriteLine(fd, text);
}

}  // namespace strata::cloud::http
