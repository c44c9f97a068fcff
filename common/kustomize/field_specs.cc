// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/field_specs.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/kustomize/decode.h"
#include "common/kustomize/node_path.h"
#include "common/kustomize/resource.h"

namespace sluice::kustomize {
namespace {

constexpr char kDelimiter = '/';

bool SpecLess(const FieldSpec& a, const FieldSpec& b) { return GvkLess(a.gvk(), b.gvk()); }

void Sort(FieldSpecs& specs) { std::stable_sort(specs.begin(), specs.end(), SpecLess); }

absl::Status MergeNameReferences(std::vector<NameReference>& references,
                                 const std::vector<NameReference>& added) {
  for (const NameReference& one : added) {
    const auto same =
        std::find_if(references.begin(), references.end(),
                     [&one](const NameReference& other) { return other.gvk() == one.gvk(); });
    if (same == references.end()) {
      references.push_back(one);
    } else {
      RETURN_IF_ERROR(MergeFieldSpecs(same->referrers, one.referrers));
    }
  }
  return absl::OkStatus();
}

class Visitor {
 public:
  Visitor(NodeArena& arena, const FieldSpec& spec, const Creation& creation, FieldSetter set)
      : arena_(arena), spec_(spec), creation_(creation), set_(set) {}

  absl::Status VisitAll(Node* object) { return Visit(object, FirstStep(spec_.path, kDelimiter)); }

 private:
  absl::Status Visit(Node* node, size_t at) {
    if (at == absl::string_view::npos) return set_(node);
    if (IsMissingOrNull(node)) return absl::OkStatus();
    switch (node->kind) {
      case Node::Kind::kList: {
        const std::vector<Node*> items = node->content;
        for (Node* item : items) RETURN_IF_ERROR(Visit(item, at));
        return absl::OkStatus();
      }
      case Node::Kind::kMap:
        return VisitMember(node, at);
      case Node::Kind::kScalar:
      case Node::Kind::kNone:
        break;
    }
    return absl::InvalidArgumentError("expected sequence or mapping node");
  }

  absl::Status VisitMember(Node* map, size_t at) {
    std::string unescaped;
    const absl::string_view step = TakeStep(spec_.path, kDelimiter, at, unescaped);
    const absl::string_view name = absl::StripSuffix(step, "[]");
    if (name.empty()) {
      return absl::InvalidArgumentError("cannot set or create an empty field name");
    }
    const bool is_list = name.size() != step.size();
    const bool last = at == absl::string_view::npos;
    Creation made;
    if (is_list) {
      made.kind = Node::Kind::kList;
    } else if (spec_.create && creation_.kind != Node::Kind::kNone) {
      made = last ? creation_ : Creation{Node::Kind::kMap, Node::Tag::kMap};
    }
    Node* field = FieldOf(map, name);
    if (field == nullptr) {
      const bool plain_name = !IsListIndex(name) && !IsIndexNumber(name) && name != "-";
      if (is_list || made.kind == Node::Kind::kNone || !plain_name) return absl::OkStatus();
      field = arena_.New();
      field->kind = made.kind;
      AppendField(arena_, map, name, field);
    }
    if (IsTaggedNull(field) && made.kind != Node::Kind::kNone) {
      field->kind = made.kind;
      field->tag = made.tag;
    }
    return Visit(field, at);
  }

  NodeArena& arena_;
  const FieldSpec& spec_;
  const Creation& creation_;
  FieldSetter set_;
};

}  // namespace

void SortConfig(TransformerConfig& config) {
  for (FieldSpecs* specs :
       {&config.name_prefix, &config.name_suffix, &config.namespace_fields, &config.common_labels,
        &config.labels, &config.template_labels, &config.common_annotations, &config.var_references,
        &config.images, &config.replicas}) {
    Sort(*specs);
  }
  std::stable_sort(
      config.name_references.begin(), config.name_references.end(),
      [](const NameReference& a, const NameReference& b) { return GvkLess(a.gvk(), b.gvk()); });
}

FieldSpec::FieldSpec(absl::string_view group, absl::string_view version, absl::string_view kind,
                     absl::string_view path, bool create)
    : group(group), version(version), kind(kind), path(path), create(create) {}

absl::Status MergeFieldSpecs(FieldSpecs& specs, const FieldSpecs& added) {
  for (const FieldSpec& one : added) {
    const auto same = std::find_if(specs.begin(), specs.end(), [&one](const FieldSpec& other) {
      return other.path == one.path && other.gvk().IsSelected(one.gvk());
    });
    if (same == specs.end()) {
      specs.push_back(one);
    } else if (same->create != one.create) {
      return absl::InvalidArgumentError(
          absl::StrCat("conflicting fieldspecs: path ", one.path, " of ", one.gvk().ToString(),
                       " is to be created by one and not by the other"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<SharedConfig> MergeConfigs(const SharedConfig& a, const SharedConfig& b) {
  const SharedConfig& builtin = DefaultConfig();
  if (b == nullptr) return a;
  if ((a == nullptr || a == builtin) && b == builtin) return builtin;
  // Also into nothing, one by one: among specs of one path a later, broader one is left out.
  auto merged = a == nullptr ? std::make_shared<TransformerConfig>()
                             : std::make_shared<TransformerConfig>(*a);
  struct Row {
    absl::string_view name;
    FieldSpecs TransformerConfig::*specs;
  };
  static constexpr Row kRows[] = {
      {"NamePrefix", &TransformerConfig::name_prefix},
      {"NameSuffix", &TransformerConfig::name_suffix},
      {"NameSpace", &TransformerConfig::namespace_fields},
      {"CommonAnnotations", &TransformerConfig::common_annotations},
      {"CommonLabels", &TransformerConfig::common_labels},
      {"Labels", &TransformerConfig::labels},
      {"TemplateLabels", &TransformerConfig::template_labels},
      {"VarReference", &TransformerConfig::var_references},
      {"Images", &TransformerConfig::images},
      {"Replicas", &TransformerConfig::replicas},
  };
  for (const Row& row : kRows) {
    const absl::Status status = MergeFieldSpecs((*merged).*row.specs, (*b).*row.specs);
    if (!status.ok()) {
      return Annotate(status, absl::StrCat("failed to merge ", row.name, " fieldSpec"));
    }
  }
  const absl::Status status = MergeNameReferences(merged->name_references, b->name_references);
  if (!status.ok()) return Annotate(status, "failed to merge NameReference fieldSpec");
  SortConfig(*merged);
  return SharedConfig(std::move(merged));
}

absl::StatusOr<FieldSpecs> DecodeFieldSpecs(const Value& list, absl::string_view where,
                                            Decoding decoding) {
  FieldSpecs specs;
  ASSIGN_OR_RETURN(const auto items, DecodeList(list, where));
  for (const Value& item : items) {
    FieldSpec spec;
    Decoder decoder(item, where, decoding);
    decoder.String("group", spec.group);
    decoder.String("version", spec.version);
    decoder.String("kind", spec.kind);
    decoder.String("path", spec.path);
    decoder.Bool("create", spec.create);
    RETURN_IF_ERROR(decoder.Finish());
    specs.push_back(std::move(spec));
  }
  return specs;
}

absl::StatusOr<TransformerConfig> DecodeConfig(const Value& document) {
  TransformerConfig config;
  Decoder decoder(document, "TransformerConfig", Decoding::kConfiguration);
  const auto specs = [&decoder](absl::string_view key, FieldSpecs& target) {
    decoder.Any(key, [&target, key](const Value& list) -> absl::Status {
      ASSIGN_OR_RETURN(target, DecodeFieldSpecs(list, key, Decoding::kConfiguration));
      return absl::OkStatus();
    });
  };
  specs("namePrefix", config.name_prefix);
  specs("nameSuffix", config.name_suffix);
  specs("namespace", config.namespace_fields);
  specs("commonLabels", config.common_labels);
  specs("labels", config.labels);
  specs("templateLabels", config.template_labels);
  specs("commonAnnotations", config.common_annotations);
  specs("varReference", config.var_references);
  specs("images", config.images);
  specs("replicas", config.replicas);
  decoder.Any("nameReference", [&config](const Value& list) -> absl::Status {
    ASSIGN_OR_RETURN(const auto items, DecodeList(list, "nameReference"));
    for (const Value& item : items) {
      NameReference reference;
      Decoder one(item, "nameReference", Decoding::kConfiguration);
      one.String("group", reference.group);
      one.String("version", reference.version);
      one.String("kind", reference.kind);
      one.Any("fieldSpecs", [&reference](const Value& specs) -> absl::Status {
        ASSIGN_OR_RETURN(reference.referrers, DecodeFieldSpecs(specs, "nameReference.fieldSpecs",
                                                               Decoding::kConfiguration));
        return absl::OkStatus();
      });
      RETURN_IF_ERROR(one.Finish());
      config.name_references.push_back(std::move(reference));
    }
    return absl::OkStatus();
  });
  RETURN_IF_ERROR(decoder.Finish());
  SortConfig(config);
  return config;
}

absl::Status VisitField(NodeArena& arena, Node* object, const FieldSpec& spec,
                        const Creation& creation, FieldSetter set) {
  Gvk gvk;
  ParseApiVersion(TextOf(FieldOf(object, "apiVersion")), gvk);
  gvk.kind = TextOf(FieldOf(object, "kind"));
  if (!spec.Matches(gvk)) return absl::OkStatus();
  return VisitPath(arena, object, spec, creation, set);
}

absl::Status VisitPath(NodeArena& arena, Node* object, const FieldSpec& spec,
                       const Creation& creation, FieldSetter set) {
  const absl::Status status = Visitor(arena, spec, creation, set).VisitAll(object);
  if (status.ok()) return status;
  Resource named;
  named.root = object;
  ResourceId id;
  id.gvk = named.gvk();
  id.name = named.name();
  id.namespace_name = named.namespace_name();
  return Annotate(status,
                  absl::StrCat("considering field '", spec.path, "' of object ", id.ToString()));
}

}  // namespace sluice::kustomize
