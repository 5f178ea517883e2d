// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <new>

#include "strata/format/manifest/manifest.hpp"

#include "message_reader.hpp"
#include "rules.hpp"
#include "text.hpp"

namespace strata::manifest {
namespace {

constexpr std::size_t kMaxVersionBytes = 64;

// What is judged only when the whole message has been read: a field may come again, the last
// counts.
struct Pending {
  ByteSpan debug_key{};
  ByteSpan crash_key{};
  ByteSpan app_version{};
  ByteSpan hardware_type{};
  std::span<Layer> room{};
  std::uint32_t layers = 0;
  bool layers_complete = true;
};

struct Region {
  bool present = false;
  Placement placement{};
};

bool ReadRegion(MessageReader reader, Medium medium, Region& out) {
  if (!out.present || out.placement.medium != medium) {
    out = {.present = true, .placement = {.medium = medium}};
  }
  Field field;
  while (reader.Next(field)) {
    if (field.IsVarint(1)) {
      out.placement.start_bytes = field.Uint32();
    } else if (field.IsVarint(2)) {
      out.placement.size_bytes = field.Uint32();
    }
  }
  return reader.ok();
}

bool ReadTarget(MessageReader reader, Region& out) {
  Field field;
  while (reader.Next(field)) {
    if (field.IsBytes(1) && !ReadRegion(reader.Nested(field), Medium::kInternal, out)) {
      return false;
    }
    if (field.IsBytes(2) && !ReadRegion(reader.Nested(field), Medium::kExternal, out)) {
      return false;
    }
  }
  return reader.ok();
}

// `complete` turns false when the message is one but lacks what a layer must have.
bool ReadLayer(MessageReader reader, Layer& out, bool& complete) {
  Region region;
  ByteSpan fetch;
  ByteSpan measurement;
  Field field;
  while (reader.Next(field)) {
    if (field.IsBytes(1) && !ReadTarget(reader.Nested(field), region)) {
      return false;
    }
    if (field.IsVarint(2)) {
      out.encrypted_with = static_cast<KeyId>(field.varint);
    } else if (field.IsBytes(3)) {
      fetch = field.bytes;
    } else if (field.IsBytes(4)) {
      measurement = field.bytes;
    } else if (field.IsVarint(100)) {
      out.plaintext_bytes = field.Uint32();
    } else if (field.IsVarint(101)) {
      out.fetch_bytes = field.Uint32();
    }
  }
  const auto fetch_digest = Digest::FromBytes(fetch);
  const auto measurement_digest = Digest::FromBytes(measurement);
  if (!region.present || !fetch_digest || !measurement_digest) {
    complete = false;
    return reader.ok();
  }
  out.placement = region.placement;
  out.fetch_digest = *fetch_digest;
  out.measurement_digest = *measurement_digest;
  return reader.ok();
}

// Layers beyond the last one that fits are read, judged and dropped.
bool AddLayer(MessageReader reader, Pending& pending) {
  Layer layer;
  if (!ReadLayer(reader, layer, pending.layers_complete)) {
    return false;
  }
  if (pending.layers < pending.room.size()) {
    pending.room[pending.layers] = layer;
  }
  ++pending.layers;
  return true;
}

bool ReadDebug(MessageReader reader, Pending& pending) {
  Field field;
  while (reader.Next(field)) {
    if (field.IsBytes(2)) {
      pending.debug_key = field.bytes;
    }
  }
  return reader.ok();
}

bool ReadCrash(MessageReader reader, AppPolicy& app, Pending& pending) {
  Field field;
  while (reader.Next(field)) {
    if (field.IsVarint(1)) {
      app.minimum_restart_ms = field.Uint32();
    } else if (field.IsVarint(2)) {
      app.maximum_restart_ms = field.Uint32();
    } else if (field.IsBytes(3)) {
      pending.crash_key = field.bytes;
    } else if (field.IsVarint(4)) {
      app.crash_stack_bytes = field.Uint32();
    }
  }
  return reader.ok();
}

bool ReadTwoNumbers(MessageReader reader, std::uint32_t& first, std::uint32_t& second) {
  Field field;
  while (reader.Next(field)) {
    if (field.IsVarint(1)) {
      first = field.Uint32();
    } else if (field.IsVarint(2)) {
      second = field.Uint32();
    }
  }
  return reader.ok();
}

bool ReadTrial(MessageReader reader, TrialPolicy& out) {
  Field field;
  while (reader.Next(field)) {
    if (field.IsVarint(1)) {
      out.ready_required = field.varint != 0;
    } else if (field.IsVarint(2)) {
      out.window_sec = field.Uint32();
    } else if (field.IsVarint(3)) {
      out.crashes_allowed = field.Uint32();
    }
  }
  return reader.ok();
}

bool ReadText(const Field& field, ByteSpan& out) {
  out = field.bytes;
  return IsUtf8(field.bytes);
}

bool ReadMessageField(const MessageReader& reader,
                      const Field& field,
                      AppPolicy& app,
                      Pending& pending) {
  switch (field.number) {
    case 1:
      return AddLayer(reader.Nested(field), pending);
    case 2:
      return ReadDebug(reader.Nested(field), pending);
    case 3:
      return ReadCrash(reader.Nested(field), app, pending);
    case 4:
      return ReadTwoNumbers(
          reader.Nested(field), app.maximum_politeness_time_sec, app.minimum_kernel_version);
    case 5:
      return ReadTwoNumbers(
          reader.Nested(field), app.connection_grace_time_sec, app.minimum_check_in_time_sec);
    case 100:
      return ReadText(field, pending.app_version);
    case 101:
      return ReadText(field, pending.hardware_type);
    case 103:
      return ReadTrial(reader.Nested(field), app.trial);
    default:
      return true;
  }
}

bool ReadBody(ByteSpan body, AppPolicy& app, Pending& pending) {
  MessageReader reader(body);
  Field field;
  while (reader.Next(field)) {
    if (field.IsVarint(102)) {
      app.security_counter = field.Uint32();
    }
    if (field.type == WireType::kBytes && !ReadMessageField(reader, field, app, pending)) {
      return false;
    }
  }
  return reader.ok();
}

Status TakeKey(ByteSpan bytes, std::optional<PublicKey>& out) {
  out.reset();
  if (bytes.empty()) {
    return {};
  }
  if (bytes.size() != sizeof(PublicKey) || bytes[0] != 0x04) {
    return Fail(Code::kPolicyInvalid, Op::kCheckManifest);
  }
  std::ranges::copy(bytes, out.emplace().begin());
  return {};
}

Status CheckTexts(const Pending& pending) {
  if (pending.app_version.size() > kMaxVersionBytes || HasControlCharacter(pending.app_version) ||
      pending.hardware_type.size() > kMaxHardwareTypeBytes ||
      HasControlCharacter(pending.hardware_type)) {
    return Fail(Code::kPolicyInvalid, Op::kCheckManifest);
  }
  return {};
}

// Layers that find room in `layers` are judged.
Status DecodeInto(ByteSpan body, std::span<Layer> layers, AppPolicy& out) {
  out.trial.window_sec = 0;
  Pending pending{.room = layers};
  if (!ReadBody(body, out, pending)) {
    return Fail(Code::kManifestMalformed, Op::kParse);
  }
  if (pending.layers == 0) {
    return Fail(Code::kManifestNoLayers, Op::kParse);
  }
  if (pending.layers > kMaxLayers) {
    return Fail(Code::kManifestTooManyLayers, Op::kParse, pending.layers);
  }
  if (!pending.layers_complete) {
    return Fail(Code::kManifestMalformed, Op::kParse);
  }
  out.layer_count = pending.layers;
  STRATA_TRY(TakeKey(pending.debug_key, out.debug_auth_key));
  STRATA_TRY(TakeKey(pending.crash_key, out.crash_report_key));
  STRATA_TRY(CheckLayers(layers.first(std::min<std::size_t>(layers.size(), pending.layers))));
  STRATA_TRY(CheckNumbers(out));
  STRATA_TRY(CheckTexts(pending));
  std::ranges::transform(pending.hardware_type,
                         out.hardware_type_storage.begin(),
                         [](std::uint8_t byte) { return static_cast<char>(byte); });
  out.hardware_type_bytes = static_cast<std::uint32_t>(pending.hardware_type.size());
  if (out.trial.window_sec == 0) {
    out.trial.window_sec = kDefaultTrialWindowSec;
  }
  return {};
}

}  // namespace

Status Decode(const VerifiedManifest& manifest, AppManifest& out) {
  new (&out) AppManifest();  // an assignment would put 3 KiB on the stack
  return DecodeInto(manifest.body(), out.layer_storage, out);
}

Status DecodePolicy(const VerifiedManifest& manifest, AppPolicy& out) {
  out = AppPolicy();
  return DecodeInto(manifest.body(), {}, out);
}

Result<bool> LayerReader::Next(Layer& out) {
  MessageReader reader(rest_);
  Field field;
  while (reader.Next(field)) {
    if (!field.IsBytes(1)) {
      continue;
    }
    out = Layer();
    bool complete = true;
    if (!ReadLayer(reader.Nested(field), out, complete) || !complete) {
      return Fail(Code::kManifestMalformed, Op::kParse);
    }
    rest_ = reader.rest();
    return true;
  }
  rest_ = {};
  return reader.ok() ? Result<bool>(false) : Fail(Code::kManifestMalformed, Op::kParse);
}

}  // namespace strata::manifest
