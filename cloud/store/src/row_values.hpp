// SPDX-License-Identifier: Apache-2.0
/// Values of the domain ↔ values of a row. Role: the one place where types meet columns.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "strata/cloud/domain/store.hpp"
#include "strata/core/digest.hpp"
#include "strata/core/keys.hpp"
#include "strata/core/sid.hpp"

#include "db.hpp"

namespace strata::cloud {

inline Value ToValue(std::string_view text) {
  return Value(std::string(text));
}

inline Value ToValue(ByteSpan bytes) {
  return Value(std::vector<std::uint8_t>(bytes.begin(), bytes.end()));
}

inline Value ToValue(const Digest& digest) {
  return ToValue(ByteSpan(digest.bytes));
}

template <SidKind kKind>
Value ToValue(const Sid<kKind>& sid) {
  return ToValue(sid.text());
}

template <std::size_t kSize>
Value ToValue(const std::array<std::uint8_t, kSize>& bytes) {
  return ToValue(ByteSpan(bytes));
}

inline Value ToValue(bool flag) {
  return Value(std::int64_t{flag ? 1 : 0});
}

/// A std::uint64_t keeps its bits and may read as negative in SQL: never compare it there.
template <typename Integer>

requires(std::is_integral_v<Integer> && !std::is_same_v<Integer, bool>) Value
    ToValue(Integer number) {
  return Value(static_cast<std::int64_t>(number));
}

inline Value ToValue(KeyId id) {
  const auto bytes = BigEndian(static_cast<std::uint64_t>(id));
  std::string text(2 * bytes.size(), '\0');
  ToHex(bytes, text);
  return Value(std::move(text));
}

template <typename T>
Value ToValue(const std::optional<T>& value) {
  return value.has_value() ? ToValue(*value) : Value();
}

/// Takes a row apart from left to right. A column of the wrong type or form gives an empty value
/// and ok() says so at the end: a damaged database becomes an error, never a wrong answer.
class RowReader {
 public:
  explicit RowReader(const Values& row) : row_(row) {}

  [[nodiscard]] bool ok() const { return ok_ && next_ == row_.size(); }

  std::string Text() { return Take<std::string>(); }

  std::vector<std::uint8_t> Bytes() { return Take<std::vector<std::uint8_t>>(); }

  bool Flag() { return Take<std::int64_t>() != 0; }

  template <typename Integer>
  Integer Number() {
    return static_cast<Integer>(Take<std::int64_t>());
  }

  template <std::size_t kSize>
  std::array<std::uint8_t, kSize> Array() {
    std::array<std::uint8_t, kSize> out{};
    const std::vector<std::uint8_t> bytes = Bytes();
    if (bytes.size() != kSize) {
      ok_ = false;
      return out;
    }
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
  }

  Digest TakeDigest() { return Digest{Array<Digest::kBytes>()}; }

  template <typename SidType>
  SidType TakeSid() {
    const std::optional<SidType> sid = SidType::Parse(Text());
    ok_ = ok_ && sid.has_value();
    return sid.value_or(SidType::FromBytes(std::array<std::uint8_t, 16>{}));
  }

  KeyId TakeKeyId() {
    std::array<std::uint8_t, 8> bytes{};
    ok_ = FromHex(Text(), bytes) && ok_;
    return static_cast<KeyId>(LoadBigEndian<std::uint64_t>(bytes));
  }

  /// nullopt for NULL, else what `take` reads from the column.
  template <typename Take>
  auto Optional(Take take) -> std::optional<std::invoke_result_t<Take, RowReader&>> {
    if (next_ < row_.size() && std::holds_alternative<std::monostate>(row_[next_])) {
      ++next_;
      return std::nullopt;
    }
    return take(*this);
  }

 private:
  template <typename T>
  T Take() {
    const T* value = next_ < row_.size() ? std::get_if<T>(&row_[next_]) : nullptr;
    ++next_;
    ok_ = ok_ && value != nullptr;
    return value == nullptr ? T{} : *value;
  }

  const Values& row_;
  std::size_t next_ = 0;
  bool ok_ = true;
};

inline Error DamagedRow() {
  return Fail(Code::kIo, Op::kParse);
}

/// The only number of the only row, as of count(*).
inline Result<std::uint64_t> OneNumber(const Rows& rows) {
  RowReader row(rows.at(0));
  const auto number = row.Number<std::uint64_t>();
  if (!row.ok()) {
    return DamagedRow();
  }
  return number;
}

/// The only row, taken apart by `read`, or nothing.
template <typename Read>
auto OneRow(const Rows& rows, Read read)
    -> Result<std::optional<std::invoke_result_t<Read, RowReader&>>> {
  using T = std::invoke_result_t<Read, RowReader&>;
  if (rows.empty()) {
    return std::optional<T>();
  }
  RowReader reader(rows.front());
  std::optional<T> value(read(reader));
  if (!reader.ok()) {
    return DamagedRow();
  }
  return value;
}

/// Rows whose first two columns are a list position and whose others `read` takes.
template <typename Read>
auto AllRows(const Rows& rows, Read read)
    -> Result<std::vector<Listed<std::invoke_result_t<Read, RowReader&>>>> {
  std::vector<Listed<std::invoke_result_t<Read, RowReader&>>> all;
  all.reserve(rows.size());
  for (const Values& row : rows) {
    RowReader reader(row);
    const ListPosition position{reader.Number<UnixSeconds>(), reader.Number<std::int64_t>()};
    all.push_back({read(reader), position});
    if (!reader.ok()) {
      return DamagedRow();
    }
  }
  return all;
}

}  // namespace strata::cloud
