// SPDX-License-Identifier: Apache-2.0
#include "cli/tree/tree.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "cli/kinds.h"
#include "common/api/kinds.h"
#include "common/api/kustomize/kustomization.h"
#include "common/api/source/artifact_generator.h"
#include "common/ssa/kstatus.h"

namespace sluice::cli {
namespace {

using Reference = api::SourceReference;

constexpr char kGenerator[] = "ArtifactGenerator";

std::string OneLine(absl::string_view message) {
  return absl::StrReplaceAll(ShortenHex(message), {{"\n", " "}});
}

Mark MarkOfReadiness(ssa::Readiness readiness) {
  switch (readiness) {
    case ssa::Readiness::kCurrent:
      return Mark::kSuccess;
    case ssa::Readiness::kFailed:
    case ssa::Readiness::kNotFound:
      return Mark::kFailure;
    default:
      return Mark::kWaiting;
  }
}

std::string WorkloadDetail(const Value& object) {
  const Value& containers = object["spec"]["template"]["spec"]["containers"];
  if (containers.empty()) return "";
  std::string detail = std::string(containers.at(0)["image"].str());
  if (const Value* replicas = object["spec"].Find("replicas"); replicas != nullptr) {
    absl::StrAppend(&detail, " ×", replicas->int_or(1));
  }
  return detail;
}

// A node of one of our own kinds.
TreeNode OwnNode(const Value& object) {
  TreeNode node{std::string(object["kind"].str()),
                kube::KeyOf(object),
                MarkOf(object),
                Revision(object),
                "",
                {}};
  if (node.mark == Mark::kFailure || node.mark == Mark::kWaiting) {
    node.detail = OneLine(ReadyMessage(object));
  }
  if (node.mark == Mark::kSuspended) node.detail = "suspended";
  return node;
}

Reference ReleaseSource(const Value& release) {
  const Value& spec = release["spec"];
  const Value& reference =
      spec.Has("chartRef") ? spec["chartRef"] : spec["chart"]["spec"]["sourceRef"];
  return {std::string(reference["kind"].str()),
          {std::string(reference["namespace"].string_or(kube::Namespace(release))),
           std::string(reference["name"].str())}};
}

class Builder {
 public:
  explicit Builder(const TreeInput& input) : input_(input) {
    for (const kube::ObjectPtr& object : input.kustomizations) {
      kustomizations_[kube::KeyOf(*object)] = object;
    }
    for (const auto& [key, object] : kustomizations_) {
      for (const ssa::ObjectId& id : InventoryOf(*object)) {
        if (IsKustomization(id) && id.key != key) nested_.insert(id.key);
      }
    }
  }

  std::vector<TreeNode> All() {
    std::map<Reference, TreeNode> roots;
    for (const kube::ObjectPtr& object : input_.sources) {
      const Reference reference{std::string((*object)["kind"].str()), kube::KeyOf(*object)};
      roots.emplace(reference, OwnNode(*object));
    }
    // Only what is below no other one; then what that leaves out, which two that apply each other
    // do.
    for (const bool nested : {false, true}) {
      for (const auto& [key, object] : kustomizations_) {
        if (nested_.contains(key) != nested || shown_.contains(key)) continue;
        Root(roots, api::SourceOf(*object)).children.push_back(Kustomization(*object));
      }
    }
    for (const kube::ObjectPtr& object : input_.releases) {
      Root(roots, ReleaseSource(*object)).children.push_back(OwnNode(*object));
    }
    // What was made stands below its generator, then generators below the one source they have.
    for (const bool made : {true, false}) {
      for (const kube::ObjectPtr& object : input_.sources) {
        if (const auto maker = made ? MakerOf(*object) : OnlySourceOf(*object)) {
          Move(roots, {std::string((*object)["kind"].str()), kube::KeyOf(*object)}, *maker);
        }
      }
    }
    std::vector<TreeNode> result;
    for (auto& [reference, node] : roots) result.push_back(std::move(node));
    return result;
  }

  std::vector<TreeNode> One(const kube::ObjectKey& key) {
    const auto it = kustomizations_.find(key);
    if (it == kustomizations_.end()) return {};
    return {Kustomization(*it->second)};
  }

 private:
  static bool IsKustomization(const ssa::ObjectId& id) {
    return id.gvk.kind == "Kustomization" && id.gvk.group == api::kKustomizeGroup;
  }

  // An inventory that does not parse shows as empty; the controller reports it in Ready.
  static ssa::Inventory InventoryOf(const Value& kustomization) {
    auto inventory = ssa::DecodeInventory(kustomization["status"]["inventory"]);
    return inventory.ok() ? *std::move(inventory) : ssa::Inventory();
  }

  // The generator that made an ExternalArtifact.
  static std::optional<Reference> MakerOf(const Value& object) {
    const Value& maker = object["spec"]["sourceRef"];
    if (object["kind"].str() != "ExternalArtifact" || maker["kind"].str() != kGenerator) {
      return std::nullopt;
    }
    return Reference{kGenerator,
                     {std::string(maker["namespace"].string_or(kube::Namespace(object))),
                      std::string(maker["name"].str())}};
  }

  // The source of a generator that has one; not what a generator makes, which could lead in a
  // circle.
  static std::optional<Reference> OnlySourceOf(const Value& object) {
    if (object["kind"].str() != kGenerator) return std::nullopt;
    const auto sources =
        api::GeneratorSourcesOf(object["spec"], std::string(kube::Namespace(object)));
    if (sources.size() != 1 || sources[0].reference.kind == "ExternalArtifact") return std::nullopt;
    return sources[0].reference;
  }

  static void Move(std::map<Reference, TreeNode>& roots, const Reference& what,
                   const Reference& below) {
    const auto parent = roots.find(below);
    const auto child = roots.find(what);
    if (parent == roots.end() || child == roots.end()) return;
    parent->second.children.push_back(std::move(child->second));
    roots.erase(child);
  }

  static TreeNode& Root(std::map<Reference, TreeNode>& roots, const Reference& reference) {
    auto [it, added] = roots.try_emplace(reference);
    if (added) {
      it->second = {reference.kind, reference.key, Mark::kFailure, "", "not found", {}};
    }
    return it->second;
  }

  TreeNode Kustomization(const Value& object) {
    shown_.insert(kube::KeyOf(object));
    TreeNode node = OwnNode(object);
    ssa::Inventory inventory = InventoryOf(object);
    std::sort(inventory.begin(), inventory.end(), [](const auto& a, const auto& b) {
      return std::tie(a.key.ns, a.gvk.kind, a.key.name) <
             std::tie(b.key.ns, b.gvk.kind, b.key.name);
    });
    for (const ssa::ObjectId& id : inventory) {
      const auto nested =
          IsKustomization(id) ? kustomizations_.find(id.key) : kustomizations_.end();
      if (nested != kustomizations_.end()) {
        if (!shown_.contains(id.key)) node.children.push_back(Kustomization(*nested->second));
      } else {
        node.children.push_back(Applied(id));
      }
    }
    return node;
  }

  TreeNode Applied(const ssa::ObjectId& id) {
    TreeNode node{id.gvk.kind, id.key, Mark::kFailure, "", "not found", {}};
    const kube::ObjectPtr object = input_.find(id);
    if (object == nullptr) return node;
    if (const kube::Resource* own = api::FindKind(id.gvk.kind);
        own != nullptr && own->group == id.gvk.group) {
      return OwnNode(*object);
    }
    const ssa::Readiness readiness = ssa::ReadinessOf(*object, input_.now);
    node.mark = MarkOfReadiness(readiness);
    node.detail = WorkloadDetail(*object);
    if (readiness != ssa::Readiness::kCurrent) {
      absl::StrAppend(&node.detail, node.detail.empty() ? "" : ", ", ssa::ReadinessName(readiness));
    }
    return node;
  }

  const TreeInput& input_;
  std::map<kube::ObjectKey, kube::ObjectPtr> kustomizations_;
  std::set<kube::ObjectKey> nested_;  // in another one's inventory
  std::set<kube::ObjectKey> shown_;
};

void Format(const TreeNode& node, const std::string& lead, const std::string& indent,
            const Style& style, std::string& out) {
  absl::StrAppend(&out, style.Dim(lead), style.Of(node.mark), node.Subject());
  if (!node.revision.empty()) absl::StrAppend(&out, "  ", style.Dim(ShortenHex(node.revision)));
  if (!node.detail.empty()) absl::StrAppend(&out, "  ", node.detail);
  out.push_back('\n');
  for (size_t i = 0; i < node.children.size(); ++i) {
    const bool last = i + 1 == node.children.size();
    Format(node.children[i], absl::StrCat(indent, last ? "└── " : "├── "),
           absl::StrCat(indent, last ? "    " : "│   "), style, out);
  }
}

absl::string_view ReadyWord(Mark mark) {
  switch (mark) {
    case Mark::kSuccess:
      return "True";
    case Mark::kFailure:
      return "False";
    case Mark::kSuspended:
      return "Suspended";
    default:
      return "Unknown";
  }
}

}  // namespace

std::string TreeNode::Subject() const { return kube::Subject(kind, key); }

std::vector<TreeNode> BuildTree(const TreeInput& input) { return Builder(input).All(); }

std::vector<TreeNode> BuildTree(const TreeInput& input, const kube::ObjectKey& key) {
  return Builder(input).One(key);
}

std::string FormatTree(std::span<const TreeNode> roots, const Style& style) {
  std::string out;
  for (const TreeNode& root : roots) Format(root, "", "", style, out);
  return out;
}

Value TreeToValue(std::span<const TreeNode> roots) {
  Value list = Value::EmptyArray();
  for (const TreeNode& node : roots) {
    Value item({{"kind", node.kind}, {"name", node.key.name}, {"ready", ReadyWord(node.mark)}});
    if (!node.key.ns.empty()) item.Set("namespace", node.key.ns);
    if (!node.revision.empty()) item.Set("revision", node.revision);
    if (!node.detail.empty()) item.Set("message", node.detail);
    if (!node.children.empty()) item.Set("children", TreeToValue(node.children));
    list.Append(std::move(item));
  }
  return list;
}

void VisitTree(std::span<const TreeNode> roots, const std::function<void(const TreeNode&)>& visit) {
  for (const TreeNode& node : roots) {
    visit(node);
    VisitTree(node.children, visit);
  }
}

}  // namespace sluice::cli
