// From events to Go's types, by the rules of sigs.k8s.io/yaml and encoding/json: the decoder of a
// document derives from it.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/status_macros.h"
#include "common/helm_repository/chart_entry.h"
#include "common/helm_repository/index_event.h"

namespace sluice::helm_repository {

// YAML is read strictly: unknown fields are errors, and so are repeated keys, which values do not
// have any more and which are left to their reader in texts. In JSON they are not, but nothing is
// converted either.
enum class Syntax : uint8_t { kYamlText, kYamlValue, kJson };

// Whether sigs.k8s.io/yaml prints numbers and booleans where the field wants a text: it does for
// fields of the struct itself, but not for those of a struct embedded in it.
enum class Scalars : uint8_t { kAsTheyAre, kPrinted };

// Not thread-safe.
class GoDecoder {
 public:
  absl::Status Advance() {
    if (events_.Next(event_)) return absl::OkStatus();
    return events_.status();
  }

 protected:
  GoDecoder(EventReader& events, Syntax syntax)
      : events_(events), strict_(syntax != Syntax::kJson), text_(syntax == Syntax::kYamlText) {}

  bool AtNull() const {
    return event_.kind == IndexEvent::Kind::kScalar && event_.type == IndexEvent::Type::kNull;
  }
  // encoding/json's error about a value that does not fit the field.
  absl::Status Mismatch(absl::string_view field, absl::string_view type) const;

  // Each of the following takes the value that event_ begins and leaves event_ at its end.

  // Calls `read(field)` for each member that is in `names`, with event_ at the member's value.
  template <class Read>
  absl::Status Struct(std::span<const absl::string_view> names, absl::string_view field,
                      absl::string_view type, Read read) {
    if (event_.kind != IndexEvent::Kind::kMapStart) return Mismatch(field, type);
    std::bitset<kMaxFields> seen;
    while (true) {
      RETURN_IF_ERROR(Advance());
      if (event_.kind == IndexEvent::Kind::kMapEnd) return absl::OkStatus();
      ASSIGN_OR_RETURN(const size_t index, FindField(names, seen));
      RETURN_IF_ERROR(Advance());
      if (index == names.size()) {
        RETURN_IF_ERROR(Skip());
      } else {
        RETURN_IF_ERROR(read(index));
      }
    }
  }

  template <class Read>
  absl::Status List(absl::string_view field, absl::string_view type, Read read) {
    if (event_.kind != IndexEvent::Kind::kListStart) return Mismatch(field, type);
    while (true) {
      RETURN_IF_ERROR(Advance());
      if (event_.kind == IndexEvent::Kind::kListEnd) return absl::OkStatus();
      RETURN_IF_ERROR(read());
    }
  }

  absl::Status Skip();
  absl::Status Any(Value& target);
  // `parent` is what stands before the field's name in an error.
  absl::Status Text(absl::string_view& target, Scalars scalars, absl::string_view field,
                    absl::string_view parent = "");
  absl::Status Bool(bool& target, absl::string_view field);
  absl::Status Time(std::string& target);
  absl::Status Texts(TextList& target, Scalars scalars, absl::string_view field);

  EventReader& events_;
  const bool strict_;
  const bool text_;
  IndexEvent event_;

 private:
  static constexpr size_t kMaxFields = 32;

  // The place in `names` of the key that event_ is, names.size() if it is not among them; adds it
  // to `seen`.
  absl::StatusOr<size_t> FindField(std::span<const absl::string_view> names,
                                   std::bitset<kMaxFields>& seen) const;
};

}  // namespace sluice::helm_repository
