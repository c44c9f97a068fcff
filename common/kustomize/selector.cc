// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/selector.h"

#include <re2/re2.h>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/kustomize/decode.h"

namespace sluice::kustomize {

struct AnchoredPattern::Compiled {
  explicit Compiled(const std::string& pattern) : regex(pattern, re2::RE2::Quiet) {}
  re2::RE2 regex;
};

absl::StatusOr<AnchoredPattern> AnchoredPattern::Compile(absl::string_view pattern) {
  AnchoredPattern result;
  if (pattern.find_first_of("\\.+*?()|[]{}^$") == absl::string_view::npos) {
    result.literal_ = std::string(pattern);
    return result;
  }
  auto compiled = std::make_shared<Compiled>(absl::StrCat("^(?:", pattern, ")$"));
  if (!compiled->regex.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("error parsing regexp `", pattern, "`: ", compiled->regex.error()));
  }
  result.compiled_ = std::move(compiled);
  return result;
}

bool AnchoredPattern::Matches(absl::string_view text) const {
  if (compiled_ == nullptr) return literal_.empty() || text == literal_;
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), compiled_->regex);
}

absl::StatusOr<Selector> DecodeSelector(const Value& value, absl::string_view where,
                                        Decoding decoding) {
  Selector selector;
  Decoder decoder(value, where, decoding);
  decoder.String("group", selector.group);
  decoder.String("version", selector.version);
  decoder.String("kind", selector.kind);
  decoder.String("name", selector.name);
  decoder.String("namespace", selector.namespace_name);
  decoder.String("labelSelector", selector.label_selector);
  decoder.String("annotationSelector", selector.annotation_selector);
  RETURN_IF_ERROR(decoder.Finish());
  return selector;
}

absl::StatusOr<CompiledSelector> CompiledSelector::Compile(const Selector& selector) {
  CompiledSelector compiled;
  ASSIGN_OR_RETURN(compiled.group_, AnchoredPattern::Compile(selector.group));
  ASSIGN_OR_RETURN(compiled.version_, AnchoredPattern::Compile(selector.version));
  ASSIGN_OR_RETURN(compiled.kind_, AnchoredPattern::Compile(selector.kind));
  ASSIGN_OR_RETURN(compiled.name_, AnchoredPattern::Compile(selector.name));
  ASSIGN_OR_RETURN(compiled.namespace_, AnchoredPattern::Compile(selector.namespace_name));
  ASSIGN_OR_RETURN(compiled.labels_, LabelSelector::Parse(selector.label_selector));
  ASSIGN_OR_RETURN(compiled.annotations_, LabelSelector::Parse(selector.annotation_selector));
  return compiled;
}

bool CompiledSelector::MatchesGvk(const Gvk& gvk) const {
  return group_.Matches(gvk.group) && version_.Matches(gvk.version) && kind_.Matches(gvk.kind);
}

bool CompiledSelector::MatchesLabels(const Node* object) const {
  return (annotations_.empty() || annotations_.Matches(MetadataTexts(object, "annotations"))) &&
         (labels_.empty() || labels_.Matches(MetadataTexts(object, "labels")));
}

bool CompiledSelector::Matches(const BuildState& state, const Resource& resource) const {
  if (!MatchesGvk(resource.gvk())) return false;
  const ResourceId current = state.CurrentId(resource);
  const ResourceId original = state.OriginalId(resource);
  if (!MatchesNamespace(original.EffectiveNamespace()) &&
      !MatchesNamespace(current.EffectiveNamespace())) {
    return false;
  }
  if (!MatchesName(original.name) && !MatchesName(current.name)) return false;
  return MatchesLabels(resource.root);
}

}  // namespace sluice::kustomize
