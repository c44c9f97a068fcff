// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/builtin_validation/core.h"

#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/devapi/builtin_validation/object_meta.h"
#include "common/devapi/builtin_validation/scheduling.h"
#include "common/devapi/schema/quantity.h"
#include "common/value/json.h"

namespace sluice::devapi {
namespace {

constexpr int64_t kMaxBytes = 1024 * 1024;

void CheckKeys(const Field& data, FieldErrors& errors) {
  for (const value::Member& member : data.value.members()) {
    const Field entry = data.Key(member);
    for (const std::string& message : CheckConfigKey(member.key)) {
      errors.push_back(InvalidValue(entry.path, Value(member.key), message));
    }
  }
}

// Bytes of base64 text.
int64_t DecodedSize(absl::string_view text) {
  int64_t size = static_cast<int64_t>(text.size() / 4 * 3);
  for (size_t i = 0; i < 2 && i < text.size(); ++i) size -= text[text.size() - 1 - i] == '=';
  return size;
}

void CheckImmutable(const Field& old_object, const Field& object,
                    std::initializer_list<const char*> fields, FieldErrors& errors) {
  if (!old_object.value["immutable"].bool_or(false)) return;
  constexpr char kMessage[] = "field is immutable when `immutable` is set";
  const Field flag = object["immutable"];
  if (!flag.value.bool_or(false)) errors.push_back(ForbiddenField(flag.path, kMessage));
  for (const char* name : fields) {
    const Field field = object[name];
    if (field.value != old_object.value[name]) {
      errors.push_back(ForbiddenField(field.path, kMessage));
    }
  }
}

void MustHoldKey(const Field& data, const char* key, FieldErrors& errors) {
  const FieldPath path = data.path.Key(key);
  if (!data.value.Has(key)) errors.push_back(Required(path));
}

void MustHoldJson(const Field& data, const char* key, FieldErrors& errors) {
  if (!data.value.Has(key)) {
    MustHoldKey(data, key, errors);
    return;
  }
  std::string text;
  absl::Base64Unescape(data.value[key].str(), &text);
  const FieldPath path = data.path.Key(key);
  if (!value::ParseJson(text).ok()) {
    errors.push_back(InvalidValue(path, "<secret contents redacted>", "must be valid JSON"));
  }
}

void ValidateServicePorts(const Field& ports, FieldErrors& errors) {
  static const auto* const kProtocols = new std::vector<std::string>{"SCTP", "TCP", "UDP"};
  std::set<std::string> names;
  std::set<std::pair<std::string, int64_t>> seen;
  for (size_t i = 0; i < ports.value.size(); ++i) {
    const Field port = ports.At(i);
    const Field name = port["name"];
    if (!name.str().empty()) {
      Add(name, CheckDnsLabel(name.str()), errors);
      if (!names.insert(std::string(name.str())).second) {
        errors.push_back(Duplicate(name.path, name.value));
      }
    } else if (ports.value.size() > 1) {
      errors.push_back(Required(name.path));
    }
    const Field number = port["port"];
    Add(number, CheckPortNumber(number.value.int_or(0)), errors);
    MustBeOneOf(port["protocol"], *kProtocols, errors);
    const Field protocol = port["appProtocol"];
    if (!protocol.absent()) Add(protocol, CheckQualifiedName(protocol.str()), errors);
    const Field target = port["targetPort"];
    Add(target,
        target.value.is_string() ? CheckPortName(target.str())
                                 : CheckPortNumber(target.value.int_or(0)),
        errors);
    if (!seen.insert({std::string(port.value["protocol"].str()), number.value.int_or(0)}).second) {
      // As the API's internal type prints it.
      errors.push_back(Duplicate(
          port.path, PrintedValue{absl::StrCat(
                         "{\"Name\":\"\",\"Protocol\":", value::FormatJson(port.value["protocol"]),
                         ",\"AppProtocol\":null,\"Port\":", value::FormatJson(number.value),
                         ",\"TargetPort\":0,\"NodePort\":0}")}));
    }
  }
}

// What depends on who can reach the service.
void ValidateServiceTraffic(const Field& spec, FieldErrors& errors) {
  const absl::string_view type = spec.value["type"].str();
  const Field addresses = spec["externalIPs"];
  for (size_t i = 0; i < addresses.value.size(); ++i) MustBeAddress(addresses.At(i), errors);
  const Field ports = spec["ports"];
  for (size_t i = 0; type == "ClusterIP" && i < ports.value.size(); ++i) {
    const Field port = ports.At(i);
    const Field node_port = port["nodePort"];
    if (node_port.value.int_or(0) != 0) {
      errors.push_back(
          ForbiddenField(node_port.path, "may not be used when `type` is 'ClusterIP'"));
    }
  }
  const bool external = type == "LoadBalancer" || type == "NodePort" || !addresses.value.empty();
  const Field policy = spec["externalTrafficPolicy"];
  if (!policy.str().empty() && !external) {
    Add(policy, {"may only be set for externally-accessible services"}, errors);
  } else if (!policy.str().empty()) {
    MustBeOneOf(policy, {"Cluster", "Local"}, errors);
  }
  const Field check = spec["healthCheckNodePort"];
  if (check.value.int_or(0) != 0 && (type != "LoadBalancer" || policy.str() != "Local")) {
    Add(check,
        {"may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"},
        errors);
  }
  const Field internal = spec["internalTrafficPolicy"];
  if (!internal.str().empty()) MustBeOneOf(internal, {"Cluster", "Local"}, errors);
  const Field families = spec["ipFamilyPolicy"];
  const bool headless = spec.value["clusterIP"].str() == "None";
  if (families.str() == "RequireDualStack" && !(headless && spec.value["selector"].empty())) {
    Add(families, {"this cluster is not configured for dual-stack services"}, errors);
  }
}

}  // namespace

void ValidateConfigMap(const Field& object, FieldErrors& errors) {
  const Field data = object["data"];
  const Field binary = object["binaryData"];
  CheckKeys(data, errors);
  CheckKeys(binary, errors);
  int64_t bytes = 0;
  for (const value::Member& member : data.value.members()) {
    const Field entry = data.Key(member);
    if (binary.value.Has(member.key)) {
      errors.push_back(
          InvalidValue(entry.path, Value(member.key), "duplicate of key present in binaryData"));
    }
    bytes += static_cast<int64_t>(member.value.str().size());
  }
  for (const value::Member& member : binary.value.members()) {
    bytes += DecodedSize(member.value.str());
  }
  const FieldPath whole = object.path.Key("");
  if (bytes > kMaxBytes) errors.push_back(TooLong(whole, kMaxBytes));
}

void ValidateConfigMapUpdate(const Field& old_object, const Field& object, FieldErrors& errors) {
  CheckImmutable(old_object, object, {"data", "binaryData"}, errors);
}

void ValidateSecret(const Field& object, FieldErrors& errors) {
  const Field data = object["data"];
  CheckKeys(data, errors);
  int64_t bytes = 0;
  for (const value::Member& member : data.value.members()) bytes += DecodedSize(member.value.str());
  if (bytes > kMaxBytes) errors.push_back(TooLong(data.path, kMaxBytes));

  const absl::string_view type = object.value["type"].str();
  if (type == "kubernetes.io/service-account-token") {
    const Field metadata = object["metadata"];
    const Field annotations = metadata["annotations"];
    MustHoldKey(annotations, "kubernetes.io/service-account.name", errors);
  } else if (type == "kubernetes.io/dockercfg") {
    MustHoldJson(data, ".dockercfg", errors);
  } else if (type == "kubernetes.io/dockerconfigjson") {
    MustHoldJson(data, ".dockerconfigjson", errors);
  } else if (type == "kubernetes.io/basic-auth") {
    if (!data.value.Has("username") && !data.value.Has("password")) {
      MustHoldKey(data, "username", errors);
      MustHoldKey(data, "password", errors);
    }
  } else if (type == "kubernetes.io/ssh-auth") {
    if (data.value["ssh-privatekey"].str().empty()) {
      const FieldPath path = data.path.Key("ssh-privatekey");
      errors.push_back(Required(path));
    }
  } else if (type == "kubernetes.io/tls") {
    MustHoldKey(data, "tls.crt", errors);
    MustHoldKey(data, "tls.key", errors);
  }
}

void ValidateSecretUpdate(const Field& old_object, const Field& object, FieldErrors& errors) {
  const Field type = object["type"];
  if (type.value != old_object.value["type"]) Add(type, {"field is immutable"}, errors);
  CheckImmutable(old_object, object, {"data"}, errors);
}

void ValidateService(const Field& object, FieldErrors& errors) {
  const Field spec = object["spec"];
  const absl::string_view type = spec.value["type"].str();
  const Field ports = spec["ports"];
  const bool headless = spec.value["clusterIP"].str() == "None";
  if (ports.value.empty() && !headless && type != "ExternalName") {
    errors.push_back(Required(ports.path));
  }
  if (type == "ExternalName") {
    const Field name = spec["externalName"];
    const Messages messages =
        name.str().empty() ? Messages() : CheckDnsSubdomain(absl::StripSuffix(name.str(), "."));
    if (name.str().empty()) errors.push_back(Required(name.path));
    Add(name, messages, errors);
  }
  ValidateServicePorts(ports, errors);
  const Field selector = spec["selector"];
  ValidateLabels(selector.value, selector.path, errors);
  MustBeOneOf(spec["sessionAffinity"], {"ClientIP", "None"}, errors);
  MustBeOneOf(spec["type"], {"ClusterIP", "ExternalName", "LoadBalancer", "NodePort"}, errors);
  ValidateServiceTraffic(spec, errors);
}

void ValidateServiceUpdate(const Field& old_object, const Field& object, FieldErrors& errors) {
  const Field spec = object["spec"];
  const Value& before = old_object.value["spec"];
  if (spec.value["type"].str() == "ExternalName" || before["type"].str() == "ExternalName") return;
  const Field addresses = spec["clusterIPs"];
  const Value& old_addresses = before["clusterIPs"];
  if (!addresses.value.empty() && !spec.value["clusterIP"].str().empty() &&
      addresses.value.at(0) != spec.value["clusterIP"] &&
      spec.value["clusterIP"] == before["clusterIP"]) {
    Add(addresses, {"first value must match `clusterIP`"}, errors);
    return;
  }
  const Value shown = addresses.value.empty() && !spec.value["clusterIP"].str().empty()
                          ? Value(Value::Array{spec.value["clusterIP"]})
                          : addresses.value;
  if (!old_addresses.empty() && !shown.empty() &&
      (shown.at(0) != old_addresses.at(0) || spec.value["clusterIP"] != before["clusterIP"])) {
    const Field first = addresses.At(0);
    errors.push_back(InvalidValue(first.path, Value(Value::Array{spec.value["clusterIP"]}),
                                  "may not change once set"));
  }
}

void ValidateClaim(const Field& object, FieldErrors& errors) {
  const Field spec = object["spec"];
  const Field modes = spec["accessModes"];
  if (modes.value.empty()) {
    errors.push_back(Required(modes.path, "at least 1 access mode is required"));
  }
  static const auto* const kModes = new std::vector<std::string>{
      "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"};
  for (const Value& mode : modes.value.items()) {
    MustBeOneOf({mode, modes.path}, *kModes, errors);
  }
  const Field resources = spec["resources"];
  const Value& storage = resources.value["requests"]["storage"];
  const FieldPath path = resources.path.Key("storage");
  if (storage.is_null()) {
    errors.push_back(Required(path));
  } else if (CompareQuantities(storage.str(), "0") <= 0) {
    errors.push_back(InvalidValue(path, storage, "must be greater than zero"));
  }
}

void ValidateClaimUpdate(const Field& old_object, const Field& object, FieldErrors& errors) {
  Value before = old_object.value["spec"];
  Value after = object.value["spec"];
  // A claim without a class may be given one, and a bound one more room.
  const bool bound = old_object.value["status"]["phase"].str() == "Bound";
  if (before["storageClassName"].is_null()) after.Erase("storageClassName");
  for (Value* spec : {&before, &after}) {
    if (bound) spec->Ensure("resources").Erase("requests");
    spec->Erase("volumeAttributesClassName");
    if (bound || before["volumeName"].str().empty()) spec->Erase("volumeName");
  }
  const FieldPath spec = object.path.Child("spec");
  if (before != after) {
    errors.push_back(
        ForbiddenField(spec,
                       "spec is immutable after creation except resources.requests and "
                       "volumeAttributesClassName for bound claims"));
  }
  const FieldPath mode = object.path.Child("volumeMode");
  if (before["volumeMode"] != after["volumeMode"]) {
    errors.push_back(InvalidValue(mode, after["volumeMode"], "field is immutable"));
  }
}

void ValidateVolume(const Field& object, FieldErrors& errors) {
  const Field spec = object["spec"];
  const Field modes = spec["accessModes"];
  if (modes.value.empty()) errors.push_back(Required(modes.path));
  const Field capacity = spec["capacity"];
  if (capacity.value.empty()) errors.push_back(Required(capacity.path));
  if (!capacity.value.Has("storage") || capacity.value.size() > 1) {
    errors.push_back(NotSupported(capacity.path, capacity.value, {"storage"}));
  }
  static constexpr absl::string_view kNoSources[] = {
      "accessModes",      "capacity",
      "claimRef",         "mountOptions",
      "nodeAffinity",     "persistentVolumeReclaimPolicy",
      "storageClassName", "volumeAttributesClassName",
      "volumeMode"};
  const bool has_source = std::any_of(
      spec.value.members().begin(), spec.value.members().end(), [](const value::Member& member) {
        return std::find(std::begin(kNoSources), std::end(kNoSources), member.key) ==
               std::end(kNoSources);
      });
  if (!has_source) errors.push_back(Required(spec.path, "must specify a volume type"));
}

void ValidateEvent(const Field& object, FieldErrors& errors) {
  const Field involved = object["involvedObject"];
  const Field ns = involved["namespace"];
  const Value& own = object.value["metadata"]["namespace"];
  // Events of objects without a namespace are kept in the default one.
  const bool fits =
      ns.str().empty() ? own.str() == "default" || own.str() == "kube-system" : ns.value == own;
  if (!fits) Add(ns, {"does not match event.namespace"}, errors);
}

}  // namespace sluice::devapi
