// SPDX-License-Identifier: Apache-2.0
#include "services/kustomize-controller/app.h"

int main(int argc, char** argv) { return sluice::kustomize_controller::Main(argc, argv); }
