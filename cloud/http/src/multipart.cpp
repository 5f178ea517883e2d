// SPDX-License-Identifier: Apache-2.0
#include "multipart.hpp"

#include <algorithm>

#include "message.hpp"
#include "text.hpp"

namespace strata::cloud::http {
namespace {

constexpr std::size_t kMaxBoundaryChars = 70;  // RFC 2046 §5.1.1

/// Cuts the next `;`-separated parameter off `text`; a quoted value may hold semicolons.
std::string_view NextParameter(std::string_view& text) {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < text.size() && (quoted || text[end] != ';'); ++end) {
    if (quoted && text[end] == '\\') {
      ++end;
    } else if (text[end] == '"') {
      quoted = !quoted;
    }
  }
  end = std::min(end, text.size());
  const std::string_view parameter = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return parameter;
}

std::string Unquote(std::string_view value) {
  if (value.size() < 2 || value.front() != '"' || value.back() != '"') {
    return std::string(value);
  }
  value = value.substr(1, value.size() - 2);
  std::string out;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\\' && i + 1 < value.size()) {
      ++i;
    }
    out += value[i];
  }
  return out;
}

/// The value of parameter `name` of a header such as `form-data; name="File"`.
std::optional<std::string> Parameter(std::string_view header, std::string_view name) {
  NextParameter(header);
  while (!header.empty()) {
    const std::string_view parameter = NextParameter(header);
    const std::size_t equals = parameter.find('=');
    if (equals != std::string_view::npos &&
        EqualIgnoringCase(Trim(parameter.substr(0, equals)), name)) {
      return Unquote(Trim(parameter.substr(equals + 1)));
    }
  }
  return std::nullopt;
}

bool IsBoundaryChar(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("'()+_,-./:=? ").find(c) != std::string_view::npos;
}

/// The name in the Content-Disposition of a part's header lines.
std::optional<std::string> PartName(std::string_view header) {
  constexpr std::string_view kField = "content-disposition:";
  while (!header.empty()) {
    const std::size_t end = std::min(header.find("\r\n"), header.size());
    const std::string_view line = header.substr(0, end);
    header.remove_prefix(std::min(end + 2, header.size()));
    if (!EqualIgnoringCase(line.substr(0, kField.size()), kField)) {
      continue;
    }
    std::string_view rest = line.substr(kField.size());
    const std::string_view value = rest;
    if (!EqualIgnoringCase(Trim(NextParameter(rest)), "form-data")) {
      return std::nullopt;
    }
    return Parameter(value, "name");
  }
  return std::nullopt;
}

}  // namespace

bool IsMultipart(std::string_view content_type) {
  std::string_view rest = content_type;
  return EqualIgnoringCase(Trim(NextParameter(rest)), "multipart/form-data");
}

std::optional<std::string> BoundaryOf(std::string_view content_type) {
  if (!IsMultipart(content_type)) {
    return std::nullopt;
  }
  std::optional<std::string> boundary = Parameter(content_type, "boundary");
  const bool legal = boundary && !boundary->empty() && boundary->size() <= kMaxBoundaryChars &&
                     boundary->back() != ' ' &&
                     std::all_of(boundary->begin(), boundary->end(), IsBoundaryChar);
  return legal ? boundary : std::nullopt;
}

MultipartParser::MultipartParser(std::string_view boundary, MultipartSink& sink)
    : sink_(sink), delimiter_("\r\n--" + std::string(boundary)), buffer_("\r\n") {}

MultipartParser::State MultipartParser::Feed(std::string_view piece) {
  if (step_ == Step::kEnd) {
    return State::kDone;
  }
  buffer_.erase(0, begin_);
  begin_ = 0;
  buffer_ += piece;
  while (true) {
    if (const std::optional<State> state = Advance()) {
      return *state;
    }
  }
}

std::optional<MultipartParser::State> MultipartParser::Advance() {
  switch (step_) {
    case Step::kPreamble:
      return SkipToBoundary();
    case Step::kData:
      return PassData();
    case Step::kAfterBoundary:
      return ReadAfterBoundary();
    case Step::kHeader:
      return ReadHeader();
    case Step::kEnd:
      break;
  }
  return State::kDone;
}

std::optional<MultipartParser::State> MultipartParser::SkipToBoundary() {
  const std::size_t found = buffer_.find(delimiter_, begin_);
  if (found == std::string::npos) {
    begin_ = std::max(begin_, buffer_.size() - std::min(buffer_.size(), delimiter_.size() - 1));
    return State::kMore;
  }
  begin_ = found + delimiter_.size();
  step_ = Step::kAfterBoundary;
  return std::nullopt;
}

std::optional<MultipartParser::State> MultipartParser::PassData() {
  const std::size_t found = buffer_.find(delimiter_, begin_);
  const std::size_t kept = std::min(buffer_.size() - begin_, delimiter_.size() - 1);
  const std::size_t end = found == std::string::npos ? buffer_.size() - kept : found;
  if (end > begin_ && !sink_.OnData(std::string_view(buffer_).substr(begin_, end - begin_))) {
    return State::kStopped;
  }
  begin_ = end;
  if (found == std::string::npos) {
    return State::kMore;
  }
  begin_ += delimiter_.size();
  step_ = Step::kAfterBoundary;
  return sink_.OnPartEnd() ? std::optional<State>() : State::kStopped;
}

std::optional<MultipartParser::State> MultipartParser::ReadAfterBoundary() {
  const std::string_view rest = std::string_view(buffer_).substr(begin_);
  const std::size_t text = std::min(rest.find_first_not_of(" \t"), rest.size());
  if (text > kMaxPartHeaderBytes) {
    return State::kMalformed;
  }
  if (rest.size() < text + 2) {
    return State::kMore;
  }
  const std::string_view mark = rest.substr(text, 2);
  if (text == 0 && mark == "--") {
    step_ = Step::kEnd;
    return State::kDone;
  }
  if (mark != "\r\n") {
    return State::kMalformed;
  }
  begin_ += text;  // the line end stays: with the next one it may be an empty header's end
  step_ = Step::kHeader;
  return std::nullopt;
}

std::optional<MultipartParser::State> MultipartParser::ReadHeader() {
  const std::string_view rest = std::string_view(buffer_).substr(begin_);
  const std::size_t end = rest.find("\r\n\r\n");
  if (end == std::string_view::npos) {
    return rest.size() > kMaxPartHeaderBytes ? State::kMalformed : State::kMore;
  }
  const std::optional<std::string> name =
      end > kMaxPartHeaderBytes || end < 2 ? std::nullopt : PartName(rest.substr(2, end - 2));
  if (!name) {
    return State::kMalformed;
  }
  begin_ += end + 4;
  step_ = Step::kData;
  return sink_.OnPart(*name) ? std::optional<State>() : State::kStopped;
}

}  // namespace strata::cloud::http
