// SPDX-License-Identifier: Apache-2.0
#include "services/image-controller/image_repository/image_name.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"

namespace sluice::image_controller {

absl::StatusOr<oci::Repository> ParseImage(absl::string_view image) {
  if (const size_t scheme = image.find("://"); scheme != absl::string_view::npos) {
    return absl::InvalidArgumentError(absl::StrCat("image '", image,
                                                   "' should not include URL scheme; remove '",
                                                   image.substr(0, scheme + 3), "'"));
  }
  ASSIGN_OR_RETURN(oci::Reference reference, oci::ParseReference(image));
  const absl::string_view path = absl::StripPrefix(image, reference.repository.registry);
  if (const size_t colon = path.find(':'); colon != absl::string_view::npos) {
    return absl::InvalidArgumentError(absl::StrCat(
        "image '", image, "' should not include a tag; remove '", path.substr(colon), "'"));
  }
  return std::move(reference.repository);
}

}  // namespace sluice::image_controller
