// The text of a repository index as a stream of events, whatever syntax it is in.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/value/value.h"

namespace sluice::helm_repository {

struct IndexEvent {
  enum class Kind : uint8_t { kScalar, kListStart, kListEnd, kMapStart, kMapEnd, kEnd };
  enum class Type : uint8_t { kNull, kBool, kNumber, kString };

  Kind kind = Kind::kEnd;
  Type type = Type::kNull;  // of a scalar
  // Of a scalar, as Go prints it; valid as long as the reader. Keys are strings.
  absl::string_view text;
  Value number;  // of a number
};

// Not thread-safe.
class EventReader {
 public:
  virtual ~EventReader() = default;
  // The next event; false after an error. After the last one kEnd for ever.
  virtual bool Next(IndexEvent& event) = 0;
  virtual absl::Status status() const = 0;
};

}  // namespace sluice::helm_repository
