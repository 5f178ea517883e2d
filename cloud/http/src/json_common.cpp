// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstdio>
#include <ctime>

#include <openssl/evp.h>

#include "form.hpp"
#include "json.hpp"
#include "json_text.hpp"
#include "range.hpp"

namespace strata::cloud::http {
namespace {

constexpr std::uint32_t kMaxPageSize = 1000;

std::string PageUrl(const Request& request,
                    const PageRequest& page,
                    std::uint32_t number,
                    const std::optional<std::string>& token,
                    const std::string& filters) {
  std::string url = request.base_url + request.path +
                    "?PageSize=" + std::to_string(page.page_size) +
                    "&Page=" + std::to_string(number) + filters;
  return token ? url + "&PageToken=" + PercentEncode(*token) : url;
}

}  // namespace

std::string PercentEncode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  constexpr std::string_view kPlain = "-._~";
  std::string out;
  for (const char c : text) {
    const bool alphanumeric =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (alphanumeric || kPlain.find(c) != std::string_view::npos) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

std::string DateText(UnixSeconds seconds) {
  const std::time_t time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  gmtime_r(&time, &parts);
  std::array<char, 32> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text.data(), length};
}

boost::json::value DateOrNull(const std::optional<UnixSeconds>& value) {
  return OrNull(value, [](UnixSeconds seconds) { return Text(DateText(seconds)); });
}

boost::json::string HashText(const Digest& digest) {
  const auto hex = digest.ToHexText();
  return Text("sha256:" + std::string(hex.data(), hex.size()));
}

std::string KeyIdText(KeyId id) {
  const auto bytes = BigEndian(static_cast<std::uint64_t>(id));
  std::string text(16, '0');
  ToHex(bytes, text);
  return text;
}

std::string Base64(const std::vector<std::uint8_t>& bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');  // OpenSSL ends it with a NUL
  const int length = EVP_EncodeBlock(
      reinterpret_cast<unsigned char*>(text.data()), bytes.data(), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

std::string ErrorJson(const ApiError& error, std::string_view base_url) {
  const std::string more_info = std::string(base_url) + "/docs/spec/rest.md#errors";
  return boost::json::serialize(boost::json::object{{"code", error.code},
                                                    {"message", Text(error.message)},
                                                    {"more_info", Text(more_info)},
                                                    {"status", error.status}});
}

Response JsonResponse(int status, std::string body) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  response.Set("Content-Type", "application/json");
  return response;
}

Response ErrorResponse(const ApiError& error, std::string_view base_url) {
  Response response = JsonResponse(error.status, ErrorJson(error, base_url));
  if (error.retry_after_sec > 0) {
    response.Set("Retry-After", std::to_string(error.retry_after_sec));
  }
  return response;
}

ApiResult<PageRequest> ParsePage(const Request& request) {
  STRATA_API_ASSIGN(const Form query, Form::Parse(request.query));
  STRATA_API_ASSIGN(const auto size_text, query.Get("PageSize"));
  STRATA_API_ASSIGN(const auto page_text, query.Get("Page"));
  PageRequest page;
  STRATA_API_ASSIGN(page.page_token, query.Get("PageToken"));
  if (size_text) {
    const auto size = ParseNumber(*size_text);
    if (!size || *size < 1 || *size > kMaxPageSize) {
      return BadParameter("PageSize must be a number from 1 to 1000");
    }
    page.page_size = static_cast<std::uint32_t>(*size);
  }
  if (page_text) {
    const auto number = ParseNumber(*page_text);
    if (!number || *number > INT32_MAX) {
      return BadParameter("Page must be a number");
    }
    page.page = static_cast<std::uint32_t>(*number);
  }
  if (page.page > 0 && !page.page_token) {
    return ApiError{
        .status = 400, .code = 20002, .message = "Page alone names no page; follow next_page_url"};
  }
  return page;
}

std::string ListJson(const Request& request, const PageRequest& page, const ListParts& parts) {
  boost::json::object meta;
  meta["page"] = page.page;
  meta["page_size"] = page.page_size;
  meta["first_page_url"] = Text(PageUrl(request, page, 0, std::nullopt, parts.filters));
  meta["previous_page_url"] = nullptr;
  meta["url"] = Text(PageUrl(request, page, page.page, page.page_token, parts.filters));
  meta["next_page_url"] = nullptr;
  meta["key"] = Text(parts.key);
  if (parts.previous_token) {
    const std::uint32_t number = page.page > 0 ? page.page - 1 : 0;
    meta["previous_page_url"] =
        Text(PageUrl(request, page, number, parts.previous_token, parts.filters));
  }
  if (parts.next_token) {
    meta["next_page_url"] =
        Text(PageUrl(request, page, page.page + 1, parts.next_token, parts.filters));
  }
  std::string body = "{\"" + std::string(parts.key) + "\":[";
  for (std::size_t i = 0; i < parts.items.size(); ++i) {
    body += i == 0 ? "" : ",";
    body += parts.items[i];
  }
  return body + "],\"meta\":" + boost::json::serialize(meta) + "}";
}

}  // namespace strata::cloud::http
