// SPDX-License-Identifier: Apache-2.0
#include "common/jsonschema/compiler.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/jsonschema/evaluation.h"
#include "common/jsonschema/keyword_reader.h"
#include "common/jsonschema/pointer.h"
#include "common/jsonschema/url.h"
#include "common/text/quote.h"

namespace sluice::jsonschema {
namespace {

// Of references to places without a schema, too.
constexpr size_t kMaxPointerBytes = 128 << 20;

// The metaschemas of all drafts and vocabularies, compiled once.
struct Metaschemas {
  Metaschemas()
      : compiler(Options{.url = "", .load = {}, .limits = {}}, Compiler::Purpose::kMetaschema) {
    for (const Draft& draft : kDrafts) {
      Put(std::string(draft.url));
      const absl::string_view base = absl::StripSuffix(draft.url, "schema");
      for (const absl::string_view name : draft.vocabularies)
        Put(absl::StrCat(base, "meta/", name));
    }
  }

  void Put(const std::string& url) { by_url[url] = compiler.Compile(url).value(); }

  Compiler compiler;
  absl::flat_hash_map<std::string, const Node*> by_url;
};

const Metaschemas& AllMetaschemas() {
  static const auto* const kMetaschemas = new Metaschemas;
  return *kMetaschemas;
}

}  // namespace

const Node* MetaschemaOf(const Dialect& dialect, std::vector<std::unique_ptr<Node>>& made) {
  const auto& by_url = AllMetaschemas().by_url;
  const Draft& draft = *dialect.draft;
  if (!dialect.vocabularies.has_value()) return by_url.at(draft.url);
  auto node = std::make_unique<Node>();
  node->url = "urn:mem:metaschema";
  node->composed = true;
  node->draft = draft.version;
  node->resource = node.get();
  node->logic = std::make_unique<LogicRules>();
  const absl::string_view base = absl::StripSuffix(draft.url, "schema");
  for (const std::string& name : *dialect.vocabularies) {
    node->logic->all_of.push_back(by_url.at(absl::StrCat(base, "meta/", name)));
  }
  if (draft.version >= 2020) {
    node->dynamic_anchor = "meta";
    node->dynamic_anchors["meta"] = node.get();
  }
  made.push_back(std::move(node));
  return made.back().get();
}

Compiler::Compiler(const Options& options, Purpose purpose)
    : purpose_(purpose),
      limits_(options.limits),
      documents_(
          options, purpose == Purpose::kMetaschema
                       ? Documents::Check()
                       : [this](const Document& document, absl::string_view pointer) {
                           return Check(document, pointer);
                         }) {}

absl::Status Compiler::Check(const Document& document, absl::string_view pointer) const {
  LookupFault fault = LookupFault::kNotFound;
  const Value* const schema = LookUp(document.text->value, pointer, fault);
  const Node* const metaschema = document.ResourceAt(pointer).metaschema;
  Evaluation evaluation(limits_, document.resources.size() > 1 ? &document.resources : nullptr);
  ASSIGN_OR_RETURN(const std::vector<FailurePtr> failures, evaluation.Run(*metaschema, *schema));
  if (failures.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(text::Quote(absl::StrCat(document.url, "#", EscapePointer(pointer))),
                   " is not valid against metaschema: jsonschema validation failed with ",
                   SingleQuoted(metaschema->Location()), "\n",
                   TextOf(failures, {limits_.max_findings, limits_.max_message_bytes})));
}

Node* Compiler::At(Document& document, const std::string& pointer) {
  Node*& known = by_location_[absl::StrCat(document.url, "#", pointer)];
  if (known != nullptr) return known;
  nodes_.push_back(std::make_unique<Node>());
  known = nodes_.back().get();
  known->url = document.url;
  known->pointer = pointer;
  pointer_bytes_ += pointer.size();
  pending_.push_back({&document, known});
  return known;
}

absl::StatusOr<const Node*> Compiler::Compile(const std::string& url) {
  ASSIGN_OR_RETURN(Document* const document, documents_.Load(url));
  Node* const root = At(*document, "");
  while (!pending_.empty()) {
    const Pending next = pending_.front();
    pending_.pop_front();
    if (nodes_.size() > 2 * limits_.max_schemas || pointer_bytes_ > kMaxPointerBytes) {
      return absl::OutOfRangeError(absl::StrCat("the schema has more than ", limits_.max_schemas,
                                                " subschemas (max_schemas)"));
    }
    RETURN_IF_ERROR(Fill(*next.document, *next.node));
  }
  return root;
}

absl::Status Compiler::Fill(Document& document, Node& node) {
  ASSIGN_OR_RETURN(const Value* const schema, documents_.Subschema(document, node.pointer));
  const Resource& resource = document.ResourceAt(node.pointer);
  node.draft = resource.dialect.draft->version;
  node.resource = At(document, resource.pointer);
  if (node.draft >= 2020 && node.resource == &node) {
    for (const std::string& anchor : resource.dynamic_anchors) {
      node.dynamic_anchors[anchor] = At(document, resource.anchors.at(anchor));
    }
  }
  if (schema->is_bool()) {
    node.verdict = schema->bool_or(false);
  } else if (schema->is_object() && schema->empty()) {
    node.verdict = true;
  } else if (schema->is_object()) {
    RETURN_IF_ERROR(KeywordReader(*this, document, resource, *schema, node).Run());
  }
  if (node.object != nullptr) {
    const ObjectRules& rules = *node.object;
    node.evaluates_all_properties =
        rules.additional_allowed.has_value() || rules.additional != nullptr;
  }
  if (node.array != nullptr) {
    node.evaluates_all_items =
        node.array->items != nullptr || node.array->additional_allowed.has_value();
    node.evaluated_items = node.array->prefix.size();
  }
  return absl::OkStatus();
}

}  // namespace sluice::jsonschema
