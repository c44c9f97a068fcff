// SPDX-License-Identifier: Apache-2.0
#include "services/dev-apiserver/app.h"

int main(int argc, char** argv) { return sluice::dev_apiserver::Main(argc, argv); }
