// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// The examples, as they were built, against a service.

#include "support/client_fixture.hpp"
#include "support/process.hpp"

#include <binarly/testing/fake_service.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace binarly;
using namespace binarly::testing;

struct example_end {
  int code = 0;
  std::string output;
  std::string errors;
};

struct examples_world {
  examples_world() : service(protected_by_token()) {
    ca = directory.write("ca.pem", service->ca_pem()).string();
  }
  static fake_service_options protected_by_token() {
    fake_service_options options;
    options.token = client_token;
    return options;
  }

  example_end run(const std::string& name, std::vector<std::string> arguments,
                  const std::string& token = client_token) {
    const char* const where = std::getenv("BINARLY_IMAGES_EXAMPLES");
    if (where == nullptr) throw std::runtime_error("BINARLY_IMAGES_EXAMPLES is not set");
    arguments.insert(arguments.begin(), std::string(where) + '/' + name);
    child_process child(arguments, {"BINARLY_API_URL=" + service->base_url(), "TOKEN=" + token});
    example_end end;
    end.code = child.wait();
    end.output = child.output();
    end.errors = child.errors();
    CAPTURE(end.errors);
    CHECK(end.errors.find(token) == std::string::npos);
    return end;
  }

  background_service service;
  temporary_directory directory;
  std::string ca;
};

}  // namespace

TEST_CASE("examples: 1_get_image shows an image, or the reason for none") {
  examples_world world;
  const auto image = world.service->image_at(1);
  const auto& product = image.ref.product_id();

  const auto shown = world.run("1_get_image", {product, image.ref.image_id(), world.ca});
  CHECK(shown.code == 0);
  CHECK(shown.errors.empty());
  CHECK(shown.output.starts_with(image.name + ' ' + image.version + ", uploaded 20"));
  CHECK(shown.output.find(" by ") != std::string::npos);

  const auto missing = world.run("1_get_image", {product, "unknown", world.ca});
  CHECK(missing.code == 1);
  CHECK(missing.output.empty());
  CHECK(missing.errors.find("image not found") != std::string::npos);

  const auto refused = world.run("1_get_image", {product, image.ref.image_id(), world.ca}, "wrong");
  CHECK(refused.code == 3);
  CHECK(refused.errors.find("HTTP 401") != std::string::npos);

  const auto distrusted = world.run("1_get_image", {product, image.ref.image_id()});
  CHECK(distrusted.code == 3);
  CHECK(distrusted.errors.find("certificate") != std::string::npos);

  CHECK(world.run("1_get_image", {product}).code == 2);
  CHECK(world.run("1_get_image", {"..", "x", world.ca}).code == 2);
  CHECK(world.run("1_get_image", {product, "x", world.ca + ".missing"}).code == 2);
}

TEST_CASE("examples: 2_deadline_and_cancellation looks up twice, and calls one off") {
  examples_world world;
  const auto image = world.service->image_at(1);
  const auto end = world.run("2_deadline_and_cancellation",
                             {image.ref.product_id(), image.ref.image_id(), world.ca});
  CHECK(end.code == 0);
  CHECK(end.errors.empty());
  CHECK(end.output == "called off\n" + image.name + '\n' + image.name + '\n');
  CHECK(world.service->counters().requests == 2);
  CHECK(world.run("2_deadline_and_cancellation", {}).code == 2);
}

TEST_CASE("examples: 3_verify_many verifies all of its uploads") {
  examples_world world;
  const auto end = world.run("3_verify_many", {});
  CHECK(end.code == 0);
  CHECK(end.errors.empty());
  CHECK(end.output == "500 of 500 uploads verified\n");
}

TEST_CASE("examples: 4_tokens_and_events tells of its tokens and retries") {
  examples_world world;
  const auto end = world.run("4_tokens_and_events", {});
  CHECK(end.code == 0);
  CHECK(end.errors.empty());
  CHECK(end.output ==
        "got a token for 1800 s\ntried again after the service is in trouble\n"
        "got a token for 1800 s\n20 of 20 found, with 22 attempts and 2 tokens\n");
}
