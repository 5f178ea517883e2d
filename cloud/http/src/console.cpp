// SPDX-License-Identifier: Apache-2.0
#include "console.hpp"

#include "cookies.hpp"
#include "json.hpp"
#include "site.hpp"

namespace strata::cloud::http {
namespace {

constexpr std::string_view kBase = "/console/";

/// Everything from this server, nothing inline, framed by nobody.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

std::string_view LastSegment(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

Response Redirect(std::string location) {
  Response response;
  response.status = 302;
  response.Set("Location", std::move(location));
  response.Set("Cache-Control", "no-cache");
  return response;
}

Response FileResponse(const Request& request, const ConsoleFile& file) {
  const std::string* const accept = request.Find("Accept-Encoding");
  const AcceptedCodings accepted =
      accept != nullptr ? ParseAcceptEncoding(*accept) : AcceptedCodings{};
  const bool brotli = accepted.brotli && !file.brotli.empty();
  const bool gzip = !brotli && accepted.gzip && !file.gzip.empty();
  const std::string tag = "\"" + file.tag + (brotli ? "-br" : "") + (gzip ? "-gz" : "") + "\"";
  Response response;
  response.Set("ETag", tag);
  response.Set("Vary", "Accept-Encoding");
  response.Set("Cache-Control",
               file.immutable ? "public, max-age=31536000, immutable" : "no-cache");
  const std::string* const had = request.Find("If-None-Match");
  if (had != nullptr && had->find(tag) != std::string::npos) {
    response.status = 304;
    return response;
  }
  response.Set("Content-Type", file.content_type);
  if (brotli || gzip) {
    response.Set("Content-Encoding", brotli ? "br" : "gzip");
  }
  response.body = brotli ? file.brotli : (gzip ? file.gzip : file.plain);
  return response;
}

}  // namespace

bool IsConsole(std::string_view path) {
  return path == "/" || path == "/console" || path.starts_with(kBase);
}

Response ConsolePage(const Request& request, const ConsoleFiles* files) {
  if (request.method != "GET" && request.method != "HEAD") {
    Response refusal = ErrorResponse(
        {.status = 405, .code = 20004, .message = "this path takes GET, not " + request.method},
        request.base_url);
    refusal.Set("Allow", "GET, HEAD");
    return refusal;
  }
  if (files == nullptr) {
    return ErrorResponse({.status = 404,
                          .code = 20404,
                          .message = "this server was started without the console's files; see "
                                     "strata-cloud serve --console-dir"},
                         request.base_url);
  }
  const std::string_view path = request.path;
  if (!path.starts_with(kBase)) {
    return Redirect(std::string(kBase));
  }
  const ConsoleFile* file = files->Find(path.substr(kBase.size()));
  if (file == nullptr && LastSegment(path).find('.') == std::string_view::npos) {
    file = files->Find("index.html");
  }
  return file != nullptr ? FileResponse(request, *file)
                         : ErrorResponse(NotFound(request), request.base_url);
}

bool IsFromBrowser(const Request& request) {
  return request.Find("Sec-Fetch-Site") != nullptr || request.Find("Strata-Console") != nullptr ||
         !SessionToken(request).empty();
}

void DressConsole(Response& response) {
  response.Set("Content-Security-Policy", kPolicy);
  response.Set("Referrer-Policy", "no-referrer");
  response.Set("X-Frame-Options", "DENY");
  response.Set("Cross-Origin-Opener-Policy", "same-origin");
  response.Set("Cross-Origin-Resource-Policy", "same-origin");
}

ApiError ForeignPage() {
  return {.status = 403,
          .code = 20006,
          .message =
              "a page of another origin can use neither a session nor a password that the "
              "browser keeps; scripts send Authorization themselves"};
}

}  // namespace strata::cloud::http
