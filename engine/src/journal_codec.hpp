// SPDX-License-Identifier: Apache-2.0
/// The parts that records and the snapshot share. Layout: docs/spec/journal.md.
#pragma once

#include "byte_io.hpp"
#include "journal_state.hpp"

namespace strata::engine {

inline constexpr Error kRecordCorrupt = Fail(Code::kJournalCorrupt, Op::kJournal);

void PutDeployment(ByteWriter& writer, const wire::Deployment& deployment);
wire::Deployment TakeDeployment(ByteReader& reader);

void PutOptionalDigest(ByteWriter& writer, const std::optional<Digest>& digest);
std::optional<Digest> TakeOptionalDigest(ByteReader& reader);

void PutPiece(ByteWriter& writer, const Piece& piece);
Piece TakePiece(ByteReader& reader);

void PutConclusion(ByteWriter& writer, const Conclusion& conclusion);
Conclusion TakeConclusion(ByteReader& reader);

}  // namespace strata::engine
