// SPDX-License-Identifier: Apache-2.0
#include "status_text.hpp"

#include <string_view>

#include "strata/core/error_text.hpp"
#include "strata/core/hex.hpp"
#include "strata/platform/linux/log.hpp"

namespace strata::device {
namespace {

std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
    }
    // Every text here is ours and printable; anything else would need JSON's \u form.
    out.push_back(c >= ' ' && c <= '~' ? c : '.');
  }
  return out + "\"";
}

std::string HexOf(const Digest& digest) {
  const auto hex = digest.ToHexText();
  return {hex.data(), hex.size()};
}

std::string MessageOf(const Error& error) {
  const ErrorText& text = TextOf(error.code);
  return std::string(text.what) + "; " + std::string(text.next_step);
}

std::string ErrorJson(const Error& error) {
  if (error.code == Code::kOk) {
    return "null";
  }
  return "{\"code\": " + std::to_string(static_cast<unsigned>(error.code)) +
         ", \"name\": " + Quoted(TextOf(error.code).name) +
         ", \"op\": " + Quoted(TextOf(error.op)) + ", \"detail\": " + std::to_string(error.detail) +
         ", \"message\": " + Quoted(MessageOf(error)) + "}";
}

}  // namespace

std::string HexOf(const wire::DeploymentId& id) {
  std::string out(2 * id.size(), '0');
  ToHex(id, out);
  return out;
}

std::string StatusJson(const DeviceSid& sid, const engine::Snapshot& snapshot) {
  const auto& current = snapshot.current;
  return "{\"sid\": " + Quoted(sid.text()) +
         ", \"state\": " + Quoted(wire::NameOf(snapshot.state)) +
         ", \"currentApp\": " + (current ? Quoted(current->app.text()) : "null") +
         ", \"manifestHash\": " + (current ? Quoted(HexOf(current->manifest_hash)) : "null") +
         ", \"deploymentId\": " + (current ? Quoted(HexOf(current->id)) : "null") +
         ", \"keysSequence\": " + std::to_string(snapshot.keys_sequence) +
         ", \"lastError\": " + ErrorJson(snapshot.last_error) + "}\n";
}

std::string StatusForPeople(const DeviceSid& sid, const engine::Snapshot& snapshot) {
  std::string out = "device      " + std::string(sid.text()) + "\n";
  out += "state       " + std::string(wire::NameOf(snapshot.state)) + "\n";
  if (snapshot.current) {
    out += "app         " + std::string(snapshot.current->app.text()) + "\n";
    out += "manifest    " + HexOf(snapshot.current->manifest_hash) + "\n";
    out += "deployment  " + HexOf(snapshot.current->id) + "\n";
  } else {
    out += "app         none installed\n";
  }
  if (snapshot.keys_sequence != 0) {
    out += "keys        key change " + std::to_string(snapshot.keys_sequence) + "\n";
  }
  const bool failed = snapshot.last_error.code != Code::kOk;
  return out + "last error  " + (failed ? Describe(snapshot.last_error) : "none") + "\n";
}

}  // namespace strata::device
