// Reading the `replacements` of a kustomization file.

// SPDX-License-Identifier: Apache-2.0

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/kustomize/decode.h"
#include "common/kustomize/kustomization_file.h"

namespace sluice::kustomize {
namespace {

absl::Status DecodeFieldOptions(const Value& value, absl::string_view where, Decoding decoding,
                                FieldOptions& options) {
  Decoder decoder(value, where, decoding);
  decoder.String("delimiter", options.delimiter);
  decoder.Int("index", options.index);
  decoder.Ignore("encoding");  // accepted and without effect, as in the reference
  decoder.Bool("create", options.create);
  return decoder.Finish();
}

// A selector with more fields beside it.
void SelectorFields(Decoder& decoder, Selector& selector) {
  decoder.String("group", selector.group);
  decoder.String("version", selector.version);
  decoder.String("kind", selector.kind);
  decoder.String("name", selector.name);
  decoder.String("namespace", selector.namespace_name);
}

absl::Status DecodeSource(const Value& value, Decoding decoding, ReplacementSource& source) {
  Decoder decoder(value, "SourceSelector.replacements.source", decoding);
  SelectorFields(decoder, source.id);
  decoder.String("fieldPath", source.field_path);
  decoder.Any("options", [&](const Value& options) {
    return DecodeFieldOptions(options, "FieldOptions.replacements.source.options", decoding,
                              source.options);
  });
  return decoder.Finish();
}

absl::Status DecodeTarget(const Value& value, Decoding decoding, ReplacementTarget& target) {
  Decoder decoder(value, "TargetSelector.replacements.targets", decoding);
  decoder.Any("select", [&](const Value& select) -> absl::Status {
    ASSIGN_OR_RETURN(target.select,
                     DecodeSelector(select, "Selector.replacements.targets.select", decoding));
    return absl::OkStatus();
  });
  decoder.Any("reject", [&](const Value& list) {
    return DecodeObjects(
        list, "replacements.targets.reject", target.reject,
        [&](const Value& item, Selector& selector) -> absl::Status {
          ASSIGN_OR_RETURN(selector,
                           DecodeSelector(item, "Selector.replacements.targets.reject", decoding));
          return absl::OkStatus();
        });
  });
  decoder.Strings("fieldPaths", target.field_paths);
  decoder.Any("options", [&](const Value& options) {
    return DecodeFieldOptions(options, "FieldOptions.replacements.targets.options", decoding,
                              target.options);
  });
  return decoder.Finish();
}

}  // namespace

std::string ReplacementSource::ToString() const {
  ResourceId resource;
  resource.gvk = {id.group, id.version, id.kind};
  resource.name = id.name;
  resource.namespace_name = id.namespace_name;
  std::string text = resource.ToString();
  if (!field_path.empty()) absl::StrAppend(&text, ":", field_path);
  if (!options.delimiter.empty() || options.create) {
    absl::StrAppend(&text, ":", options.delimiter, "(", options.index,
                    "), create=", options.create ? "true" : "false");
  }
  return text;
}

absl::StatusOr<Replacement> DecodeReplacement(const Value& value, absl::string_view where,
                                              Decoding decoding) {
  Replacement replacement;
  Decoder decoder(value, where, decoding);
  decoder.String("path", replacement.path);
  decoder.Any("source", [&](const Value& source) {
    return DecodeSource(source, decoding, replacement.source.emplace());
  });
  decoder.Any("targets", [&](const Value& list) {
    replacement.has_targets = true;
    return DecodeObjects(list, "replacements.targets", replacement.targets,
                         [decoding](const Value& item, ReplacementTarget& target) {
                           return DecodeTarget(item, decoding, target);
                         });
  });
  if (decoder.Has("sourceValue")) {
    decoder.String("sourceValue", replacement.source_value.emplace());
  } else {
    decoder.Ignore("sourceValue");
  }
  RETURN_IF_ERROR(decoder.Finish());
  return replacement;
}

}  // namespace sluice::kustomize
