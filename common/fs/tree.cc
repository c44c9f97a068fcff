// SPDX-License-Identifier: Apache-2.0
#include "common/fs/tree.h"

#include <limits>

#include "common/base/status_macros.h"

namespace sluice::fs {

absl::Status Tree::ReadPieces(absl::string_view path, PieceReader piece) const {
  ASSIGN_OR_RETURN(const std::string content, Read(path, std::numeric_limits<size_t>::max()));
  return content.empty() ? absl::OkStatus() : piece(content);
}

}  // namespace sluice::fs
