// SPDX-License-Identifier: Apache-2.0
#include "journal_codec.hpp"

#include "strata/core/hex.hpp"

namespace strata::engine {
namespace {

void PutSid(ByteWriter& writer, const AppSid& sid) {
  std::array<std::uint8_t, 16> bytes{};
  // A Sid can't hold anything but 32 lowercase digits after its prefix.
  std::string_view digits = sid.text();
  digits.remove_prefix(2);
  static_cast<void>(FromHex(digits, bytes));
  writer.Put(bytes);
}

AppSid TakeSid(ByteReader& reader) {
  std::array<std::uint8_t, 16> bytes{};
  reader.Take(bytes);
  return AppSid::FromBytes(bytes);
}

}  // namespace

wire::Deployment TakeDeployment(ByteReader& reader) {
  wire::Deployment deployment{TakeSid(reader), {}, {}};
  reader.Take(deployment.id);
  deployment.manifest_hash = reader.TakeDigest();
  return deployment;
}

void PutDeployment(ByteWriter& writer, const wire::Deployment& deployment) {
  PutSid(writer, deployment.app);
  writer.Put(deployment.id);
  writer.Put(deployment.manifest_hash.bytes);
}

void PutOptionalDigest(ByteWriter& writer, const std::optional<Digest>& digest) {
  writer.PutU8(digest ? 1 : 0);
  writer.Put(digest ? digest->bytes : Digest().bytes);
}

std::optional<Digest> TakeOptionalDigest(ByteReader& reader) {
  const bool present = reader.Take<std::uint8_t>() == 1;
  const Digest digest = reader.TakeDigest();
  return present ? std::optional(digest) : std::nullopt;
}

void PutPiece(ByteWriter& writer, const Piece& piece) {
  writer.PutU8(piece.layer);
  writer.PutU16(piece.attempt);
  writer.PutU8(static_cast<std::uint8_t>(piece.first_chunk >> 16));
  writer.PutU16(static_cast<std::uint16_t>(piece.first_chunk));
}

Piece TakePiece(ByteReader& reader) {
  Piece piece;
  piece.layer = reader.Take<std::uint8_t>();
  piece.attempt = reader.Take<std::uint16_t>();
  const std::uint32_t high = reader.Take<std::uint8_t>();
  piece.first_chunk = (high << 16) | reader.Take<std::uint16_t>();
  return piece;
}

void PutConclusion(ByteWriter& writer, const Conclusion& conclusion) {
  writer.PutU8(static_cast<std::uint8_t>(conclusion.verdict));
  writer.Put(conclusion.deployment_id);
  writer.Put(conclusion.manifest_hash.bytes);
  PutOptionalDigest(writer, conclusion.body_hash);
  writer.PutError(conclusion.error);
  writer.PutU64(conclusion.counter);
}

Conclusion TakeConclusion(ByteReader& reader) {
  Conclusion conclusion;
  conclusion.verdict = static_cast<wire::Verdict>(reader.Take<std::uint8_t>());
  reader.Take(conclusion.deployment_id);
  conclusion.manifest_hash = reader.TakeDigest();
  conclusion.body_hash = TakeOptionalDigest(reader);
  conclusion.error = reader.TakeError();
  conclusion.counter = reader.Take<std::uint64_t>();
  return conclusion;
}

}  // namespace strata::engine
