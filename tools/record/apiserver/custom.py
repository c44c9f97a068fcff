#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records what a real API server makes of custom objects: common/devapi/testdata/custom.json.

    KUBECONFIG=... tools/record/apiserver/custom.py

One schema with every keyword, many objects: what is stored of each, or why it is refused.
"""

import time

from client import call, causes, write

SCHEMA = {"type":"object","properties":{"spec":{"type":"object","required":["need"],"properties":{
 "need":{"type":"string"},
 "str":{"type":"string","minLength":2,"maxLength":4,"pattern":"^[a-z]+$"},
 "en":{"type":"string","enum":["a","b"]},
 "eni":{"type":"integer","enum":[1,2]},
 "int":{"type":"integer","minimum":1,"maximum":10},
 "intx":{"type":"integer","minimum":1,"maximum":10,"exclusiveMinimum":True,"exclusiveMaximum":True,"multipleOf":2},
 "i32":{"type":"integer","format":"int32"},
 "num":{"type":"number","minimum":1.5,"maximum":2.5},
 "bool":{"type":"boolean"},
 "ios":{"x-kubernetes-int-or-string":True},
 "dt":{"type":"string","format":"date-time"},
 "dur":{"type":"string","format":"duration"},
 "byte":{"type":"string","format":"byte"},
 "uuid":{"type":"string","format":"uuid"},
 "uri":{"type":"string","format":"uri"},
 "ipv4":{"type":"string","format":"ipv4"},
 "arr":{"type":"array","minItems":1,"maxItems":2,"items":{"type":"string"}},
 "set":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
 "lm":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name","proto"],"items":{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"proto":{"type":"string","default":"TCP"},"v":{"type":"integer"}}}},
 "map":{"type":"object","maxProperties":2,"minProperties":1,"additionalProperties":{"type":"string"}},
 "obj":{"type":"object","required":["x"],"properties":{"x":{"type":"string"},"d":{"type":"string","default":"dflt"},"n":{"type":"string","nullable":True}}},
 "objd":{"type":"object","default":{"a":"1"},"properties":{"a":{"type":"string"},"b":{"type":"string","default":"2"}}},
 "nn":{"type":"string","nullable":True,"default":"q"},
 "pres":{"type":"object","x-kubernetes-preserve-unknown-fields":True,"properties":{"known":{"type":"object","properties":{"a":{"type":"string"}}}}},
 "any":{"x-kubernetes-preserve-unknown-fields":True},
 "emb":{"type":"object","x-kubernetes-embedded-resource":True,"x-kubernetes-preserve-unknown-fields":True},
 "oneof":{"type":"object","properties":{"p":{"type":"string"},"q":{"type":"string"}},"oneOf":[{"required":["p"]},{"required":["q"]}]},
 "anyof":{"type":"object","properties":{"p":{"type":"string"},"q":{"type":"string"}},"anyOf":[{"required":["p"]},{"required":["q"]}]},
 "allof":{"type":"object","properties":{"p":{"type":"string"},"q":{"type":"string"}},"allOf":[{"required":["p"]},{"properties":{"q":{"minLength":3}}}]},
 "not":{"type":"object","properties":{"p":{"type":"string"}},"not":{"required":["p"]}},
 "cel":{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"integer"}},"x-kubernetes-validations":[{"rule":"self.a < self.b","message":"a must be less"},{"rule":"self.a > 0"},{"rule":"self.a != 7","message":"no seven","reason":"FieldValueForbidden","fieldPath":".a"}]},
 "imm":{"type":"string","x-kubernetes-validations":[{"rule":"self == oldSelf","message":"is immutable"}]},
}},"status":{"type":"object","properties":{"s":{"type":"string"}}}}}

CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
CRD = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
       "metadata": {"name": "probes.test.io"},
       "spec": {"group": "test.io", "scope": "Namespaced",
                "names": {"kind": "Probe", "listKind": "ProbeList", "plural": "probes", "singular": "probe"},
                "versions": [{"name": "v1", "served": True, "storage": True,
                              "schema": {"openAPIV3Schema": SCHEMA}, "subresources": {"status": {}}}]}}
B = {"need": "x"}
SPECS = [
 {}, None, [], "x", {"need":5},{"need":None},{"need":["x"]},{"need":{"a":1}},{"need":True},{"need":1.5},
 dict(B,str="a"),dict(B,str="abcde"),dict(B,str="A1"),dict(B,str="A1234"),dict(B,str=5),
 dict(B,en="c"),dict(B,en=5),dict(B,eni=3),dict(B,eni="x"),dict(B,int=0),dict(B,int=11),dict(B,int="5"),dict(B,int=1.5),dict(B,int=5.0),dict(B,intx=1),dict(B,intx=10),dict(B,intx=3),dict(B,i32=3000000000),
 dict(B,num=1),dict(B,num=3),dict(B,num="x"),dict(B,bool="true"),dict(B,bool=1),dict(B,ios=1),dict(B,ios="x"),dict(B,ios=True),dict(B,ios=1.5),
 dict(B,dt="x"),dict(B,dt="2020-01-01T00:00:00Z"),dict(B,dur="x"),dict(B,dur="1h"),dict(B,byte="!!"),dict(B,uuid="x"),dict(B,uri="::"),dict(B,ipv4="x"),
 dict(B,arr=[]),dict(B,arr=["a","b","c"]),dict(B,arr=["a",5]),dict(B,arr="x"),dict(B,arr={}),dict(B,set=["a","a"]),dict(B,lm=[{"name":"a"},{"name":"a"}]),dict(B,lm=[{"name":"a"},{"name":"a","proto":"UDP"}]),dict(B,lm=[{"proto":"a"}]),
 dict(B,map={}),dict(B,map={"a":"1","b":"2","c":"3"}),dict(B,map={"a":1}),dict(B,map={"a.b":1}),dict(B,obj={}),dict(B,obj={"x":"1"}),dict(B,obj={"x":"1","n":None}),dict(B,obj={"x":None}),
 dict(B,objd=None),dict(B,objd={}),dict(B,nn=None),dict(B,pres={"a":1,"known":{"a":"1","b":2}}),dict(B,any={"x":[1]}),dict(B,any=None),
 dict(B,emb={"a":1}),dict(B,emb={"apiVersion":"v1","kind":"X"}),dict(B,emb={"apiVersion":"v1","kind":"X","metadata":{"name":"A B","labels":{"a":1},"foo":1}}),
 dict(B,oneof={}),dict(B,oneof={"p":"","q":""}),dict(B,anyof={}),dict(B,allof={}),dict(B,allof={"p":"","q":"a"}),dict(B,**{"not":{"p":""}}),
 dict(B,cel={"a":2,"b":1}),dict(B,cel={"a":-1,"b":1}),dict(B,cel={"a":7,"b":8}),dict(B,cel={"a":1}),dict(B,cel={"a":2,"b":1},en="zz"),
 dict(B,foo=1,bar={"a":1}),
]


def unknown_fields(warnings):
    return sorted(w.split('\\"')[1] for w in warnings if "unknown field" in w)


def main():
    call("DELETE", f"{CRDS}/probes.test.io")
    time.sleep(3)
    call("POST", CRDS, CRD)
    time.sleep(3)
    cases = []
    for spec in SPECS:
        body = {"apiVersion": "test.io/v1", "kind": "Probe", "metadata": {"name": "p"}, "spec": spec}
        status, answer, warnings = call("POST", "/apis/test.io/v1/namespaces/default/probes?dryRun=All", body)
        case = {"spec": spec}
        if status == 400:
            case["refused"] = answer["message"]
        elif status >= 300:
            case["errors"] = causes(answer)
        else:
            case["stored"] = answer.get("spec")
        if unknown_fields(warnings):
            case["unknown"] = unknown_fields(warnings)
        cases.append(case)
    write("custom.json", {"schema": SCHEMA, "cases": cases})


if __name__ == "__main__":
    main()
