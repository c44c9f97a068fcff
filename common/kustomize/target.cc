// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/target.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/kustomize/crd_config.h"
#include "common/kustomize/name_references.h"
#include "common/kustomize/node_read.h"
#include "common/kustomize/resource_reader.h"
#include "common/kustomize/transformers/hash.h"
#include "common/kustomize/transformers/replacements.h"
#include "common/value/yaml.h"

namespace sluice::kustomize {
namespace {

constexpr absl::string_view kLocalConfig = "config.kubernetes.io/local-config";

// Drops what is meant for tools only. No two of the rest may have ended with the same id.
absl::Status DropLocalObjects(ResMap& map) {
  std::vector<Resource*> kept;
  for (Resource* resource : map.resources()) {
    if (resource->deleted()) continue;
    RETURN_IF_ERROR(CheckMetadata(resource->root));
    const TextMap annotations = MetadataTexts(resource->root, "annotations");
    const absl::string_view* local = FindText(annotations, kLocalConfig);
    if (local == nullptr || *local == "false") kept.push_back(resource);
  }
  map.Replace(std::move(kept));
  return map.CheckUnique();
}

}  // namespace

absl::Status UseSchemaOf(BuildState& state, const FileLoader& loader,
                         const Kustomization& kustomization, bool at_root) {
  const auto path = kustomization.openapi.find("path");
  const auto version = kustomization.openapi.find("version");
  std::string text;
  if (path != kustomization.openapi.end()) {
    ASSIGN_OR_RETURN(text, loader.Load(path->second));
  }
  if (state.schema_decided()) return absl::OkStatus();
  if (path != kustomization.openapi.end()) {
    if (version != kustomization.openapi.end()) {
      return absl::InvalidArgumentError(
          "builtin version and custom schema provided, cannot use both");
    }
    return state.UseSchema(text, at_root);
  }
  if (version == kustomization.openapi.end() || version->second.empty()) return absl::OkStatus();
  if (version->second != "v1.21.2") {
    return absl::InvalidArgumentError(
        "the specified OpenAPI version is not built in; only v1.21.2 is");
  }
  state.UseBuiltinSchema();
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Target>> Target::Load(BuildState& state, const FileLoader& loader) {
  std::unique_ptr<Target> target(new Target(state, loader));
  RETURN_IF_ERROR(state.CountKustomization());
  std::string text;
  int found = 0;
  for (absl::string_view name : kKustomizationFileNames) {
    absl::StatusOr<std::string> content = loader.Load(name);
    if (absl::IsResourceExhausted(content.status())) return content.status();
    if (!content.ok()) continue;
    ++found;
    text = *std::move(content);
    target->file_name_ = std::string(name);
  }
  if (found == 0) {
    return absl::NotFoundError(
        absl::StrCat("unable to find one of 'kustomization.yaml', 'kustomization.yml' or "
                     "'Kustomization' in directory '",
                     loader.DisplayRoot(), "'"));
  }
  if (found > 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Found multiple kustomization files under: ", loader.DisplayRoot(), "; keep one of them"));
  }
  target->source_ = SourceFile(absl::StrCat(loader.DisplayRoot() == "/" ? "" : loader.DisplayRoot(),
                                            "/", target->file_name_),
                               text);
  absl::StatusOr<Kustomization> parsed = ParseKustomization(text, loader.DisplayRoot());
  if (!parsed.ok()) return target->source_.AtField(parsed.status());
  target->kustomization_ = *std::move(parsed);
  for (const std::string& warning : target->kustomization_.warnings) {
    state.Warn(absl::StrCat(loader.DisplayRoot(), "/", target->file_name_, ": ", warning));
  }
  return target;
}

absl::StatusOr<ResMap> Target::Customize() {
  if (!kustomization_.build_metadata.empty()) origin_.emplace();
  Accumulator accumulated(state_);
  RETURN_IF_ERROR(Accumulate(accumulated));
  ResMap& map = accumulated.map;
  RETURN_IF_ERROR(AddHashes(map));
  RETURN_IF_ERROR(FixNameReferences(map, *accumulated.config));
  RETURN_IF_ERROR(accumulated.vars.Resolve(map, accumulated.config->var_references));
  RETURN_IF_ERROR(DropLocalObjects(map));
  return std::move(map);
}

absl::Status Target::Accumulate(Accumulator& accumulated) {
  absl::Status status = AddResources(accumulated, kustomization_.resources);
  if (!status.ok()) return Annotate(status, "accumulating resources");
  RETURN_IF_ERROR(AddConfiguration(accumulated));
  RETURN_IF_ERROR(Generate(accumulated));
  status = AddComponents(accumulated);
  if (!status.ok()) return Annotate(status, "accumulating components");
  RETURN_IF_ERROR(Transform(accumulated));
  RETURN_IF_ERROR(Validate(accumulated));
  return accumulated.vars.Declare(accumulated.map, kustomization_.vars);
}

absl::Status Target::AddResources(Accumulator& accumulated,
                                  const std::vector<std::string>& entries) {
  for (const std::string& entry : entries) {
    RETURN_IF_ERROR(source_.AtText(AddEntry(accumulated, entry), entry));
  }
  return absl::OkStatus();
}

absl::Status Target::AddEntry(Accumulator& accumulated, const std::string& entry) {
  const absl::Status file_error = AddFile(accumulated, entry);
  if (file_error.ok() || absl::IsResourceExhausted(file_error)) return file_error;
  const absl::StatusOr<std::unique_ptr<FileLoader>> loader = loader_.At(entry);
  const std::string prefix = absl::StrCat("accumulation err='", file_error.message(), "'");
  if (!loader.ok()) {
    // What is YAML, if bad, was meant as a file.
    if (IsMalformedYaml(file_error)) return file_error;
    return Annotate(loader.status(), prefix);
  }
  return Annotate(AddFolder(accumulated, entry, **loader, /*component=*/false), prefix);
}

absl::Status Target::AddFile(Accumulator& accumulated, const std::string& path) {
  const auto failed = [&path](const absl::Status& status) {
    return Annotate(status, absl::StrCat("accumulating resources from '", path, "'"));
  };
  const absl::StatusOr<std::string> text = loader_.Load(path);
  if (!text.ok()) return failed(text.status());
  const absl::StatusOr<std::vector<Resource*>> resources = ReadResources(state_, *text);
  if (!resources.ok()) {
    const absl::Status& status = resources.status();
    if (!IsMalformedYaml(status)) return failed(status);
    return failed(WithMessage(status, absl::StrCat(status.message(), " in File: ", path)));
  }
  // No two of one file may be the same, whatever is there already.
  ResMap own(state_);
  absl::Status status = own.AppendAll(*resources);
  if (!status.ok()) return failed(status);
  if (origin_.has_value()) {
    const std::string origin = origin_->Append(path).ToYaml(state_.arena());
    static const FieldSpec* const kAnnotations =
        new FieldSpec("", "", "", "metadata/annotations", true);
    for (Resource* resource : *resources) {
      RETURN_IF_ERROR(VisitField(state_.arena(), resource->root, *kAnnotations,
                                 Creation{Node::Kind::kMap, Node::Tag::kMap}, [&](Node* node) {
                                   return SetField(state_.arena(), node, kOriginAnnotation,
                                                   state_.arena().String(origin));
                                 }));
    }
  }
  status = accumulated.map.AppendAll(*resources);
  if (!status.ok()) return Annotate(status, absl::StrCat("merging resources from '", path, "'"));
  return absl::OkStatus();
}

absl::Status Target::AddFolder(Accumulator& accumulated, const std::string& path,
                               const FileLoader& loader, bool component) {
  absl::StatusOr<std::unique_ptr<Target>> loaded = Target::Load(state_, loader);
  const std::string root = loader.DisplayRoot();
  if (!loaded.ok()) {
    return Annotate(loaded.status(), absl::StrCat("couldn't make target for path '", root, "'"));
  }
  Target& target = **loaded;
  target.kustomization_.build_metadata = kustomization_.build_metadata;
  target.namespace_above_ = ChartNamespace();
  if (origin_.has_value()) target.origin_ = origin_->Append(path);
  RETURN_IF_ERROR(UseSchemaOf(state_, loader, target.kustomization_, /*at_root=*/false));
  const bool is_component = target.kustomization_.kind == kComponentKind;
  if (component && !is_component) {
    return absl::InvalidArgumentError(absl::StrCat("expected kind '", kComponentKind,
                                                   "' for path '", root, "' but got '",
                                                   target.kustomization_.kind, "'"));
  }
  if (!component && is_component) {
    return absl::InvalidArgumentError(absl::StrCat(
        "expected kind != '", kComponentKind, "' for path '", root, "'; list it under components"));
  }
  const auto recursed = [&root](const absl::Status& status) {
    return Annotate(status, absl::StrCat("recursed accumulation of path '", root, "'"));
  };
  if (component) {
    absl::Status status = target.Accumulate(accumulated);
    if (!status.ok()) return recursed(status);
    status = accumulated.map.CheckUnique();
    if (status.ok()) return status;
    return Annotate(status, absl::StrCat("recursed merging from path '", root, "'"));
  }
  Accumulator below(state_);
  absl::Status status = target.Accumulate(below);
  if (!status.ok()) return recursed(status);
  status = accumulated.map.AppendAll(below.map.resources());
  if (status.ok()) {
    const absl::StatusOr<SharedConfig> config = MergeConfigs(accumulated.config, below.config);
    status = config.status();
    if (status.ok()) accumulated.config = *config;
  }
  if (status.ok()) status = accumulated.vars.Merge(below.vars);
  if (status.ok()) return status;
  return Annotate(status, absl::StrCat("recursed merging from path '", root, "'"));
}

absl::Status Target::AddComponents(Accumulator& accumulated) {
  for (const std::string& path : kustomization_.components) {
    const absl::StatusOr<std::unique_ptr<FileLoader>> loader = loader_.At(path);
    if (!loader.ok()) return source_.AtText(Annotate(loader.status(), "loader.New"), path);
    const absl::Status status = AddFolder(accumulated, path, **loader, /*component=*/true);
    if (!status.ok()) return source_.AtText(Annotate(status, "accumulateDirectory"), path);
  }
  return absl::OkStatus();
}

absl::Status Target::AddConfiguration(Accumulator& accumulated) {
  SharedConfig config = DefaultConfig();
  for (const std::string& path : kustomization_.configurations) {
    const absl::StatusOr<std::string> text = loader_.Load(path);
    if (!text.ok()) return source_.AtText(text.status(), path);
    absl::StatusOr<Value> document = value::ParseYaml(*text, {.strict = true});
    if (!document.ok()) return Annotate(document.status(), path);
    absl::StatusOr<TransformerConfig> more = DecodeConfig(*document);
    if (!more.ok()) return Annotate(more.status(), path);
    ASSIGN_OR_RETURN(
        config, MergeConfigs(config, std::make_shared<const TransformerConfig>(*std::move(more))));
  }
  ASSIGN_OR_RETURN(accumulated.config, MergeConfigs(accumulated.config, config));
  for (const std::string& path : kustomization_.crds) {
    const auto failed = [&](const absl::Status& status) {
      const std::string crds = absl::StrJoin(kustomization_.crds, " ");
      return source_.AtText(Annotate(status, absl::StrCat("loading CRDs [", crds, "]")), path);
    };
    const absl::StatusOr<std::string> text = loader_.Load(path);
    if (!text.ok()) return failed(text.status());
    absl::StatusOr<TransformerConfig> crd = ConfigFromCrd(*text);
    if (!crd.ok()) {
      return failed(Annotate(
          crd.status(), absl::StrCat("unable to parse open API definition from '", path, "'")));
    }
    ASSIGN_OR_RETURN(accumulated.config,
                     MergeConfigs(accumulated.config,
                                  std::make_shared<const TransformerConfig>(*std::move(crd))));
  }
  return absl::OkStatus();
}

}  // namespace sluice::kustomize
