// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/app.h"

int main(int argc, char** argv) { return sluice::helm_controller::Main(argc, argv); }
