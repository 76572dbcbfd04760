// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include <binarly/image.hpp>

#include <doctest/doctest.h>

#include <sstream>
#include <string>
#include <vector>

namespace {

using binarly::image_ref;

constexpr std::string_view ulid = "01JYJ0W0AACGC7QT1Q21SRWG94";

std::string refusal(std::string_view product, std::string_view image) {
  const auto parsed = image_ref::parse(product, image);
  REQUIRE(parsed.has_error());
  CHECK(parsed.error().code() == binarly::errc::invalid_argument);
  CHECK(parsed.error().detail().step == binarly::phase::prepare);
  return parsed.error().detail().reason;
}

TEST_CASE("image_ref: a ULID is 26 digits of Crockford's base 32") {
  CHECK(binarly::is_ulid(ulid));
  CHECK(binarly::is_ulid("01jyj0w0aacgc7qt1q21srwg94"));
  CHECK(binarly::is_ulid("00000000000000000000000000"));
  CHECK(binarly::is_ulid("7ZZZZZZZZZZZZZZZZZZZZZZZZZ"));
  CHECK_FALSE(binarly::is_ulid("8ZZZZZZZZZZZZZZZZZZZZZZZZZ"));
  CHECK_FALSE(binarly::is_ulid("AZZZZZZZZZZZZZZZZZZZZZZZZZ"));
  CHECK_FALSE(binarly::is_ulid(""));
  CHECK_FALSE(binarly::is_ulid(ulid.substr(1)));
  CHECK_FALSE(binarly::is_ulid(std::string(ulid) + "0"));
  for (const char bad : std::string_view("ILOUilou-/:@[`{ \xff")) {
    CAPTURE(bad);
    std::string text(ulid);
    text[13] = bad;
    CHECK_FALSE(binarly::is_ulid(text));
  }
}

TEST_CASE("image_ref: ids that are safe as a path segment are taken as they are") {
  for (const std::string& id :
       std::vector<std::string>{std::string(ulid), "img_abc123", "a", "...", ".a", "a.", "~-._",
                                "AZaz09", std::string(128, 'x')}) {
    CAPTURE(id);
    const auto parsed = image_ref::parse("P", id);
    REQUIRE(parsed.has_value());
    CHECK(parsed->product_id() == "P");
    CHECK(parsed->image_id() == id);
    CHECK(parsed->path() == "products/P/images/" + id);
    CHECK_FALSE(parsed->empty());
    CHECK(image_ref::parse(id, "I").has_value());
  }
}

TEST_CASE("image_ref: every other byte is refused, in each position") {
  for (int code = 0; code < 256; ++code) {
    const char c = static_cast<char>(code);
    const bool safe = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      std::string_view("-._~").find(c) != std::string_view::npos;
    CAPTURE(code);
    for (const std::size_t position : {0u, 1u, 2u}) {
      std::string id = "abc";
      id[position] = c;
      CHECK(image_ref::parse("P", id).has_value() == safe);
      CHECK(image_ref::parse(id, "I").has_value() == safe);
    }
  }
}

TEST_CASE("image_ref: a refusal names the id, the position and the reason") {
  CHECK(refusal("", "I") == "product id is empty");
  CHECK(refusal("P", "") == "image id is empty");
  CHECK(refusal(std::string(129, 'p'), "I") ==
        "product id is 129 characters long; at most 128 are allowed");
  CHECK(refusal("P", "..") == "image id \"..\": would change the path that it stands in");
  CHECK(refusal(".", "I") == "product id \".\": would change the path that it stands in");
  CHECK(refusal("P", "ab/../c") ==
        "image id \"ab/../c\": character 3 is not allowed; ids are made of letters, digits, \"-\", "
        "\".\", \"_\" and \"~\"");
  CHECK(refusal("P", "a\n\x1b[2J").starts_with("image id \"a\\x0a\\x1b[2J\": character 2 is not"));
  CHECK(refusal("P", std::string(100, 'x') + "/")
            .starts_with("image id \"" + std::string(64, 'x') + "\u2026\": character 101 is not"));
  // The product's id is looked at first, and one flaw is enough.
  CHECK(refusal("", "") == "product id is empty");
}

TEST_CASE("image_ref: a dash alone is a wildcard, and no id") {
  CHECK(refusal("P", "-") == "image id \"-\": stands for any of them, and names none");
  CHECK(refusal("-", "I") == "product id \"-\": stands for any of them, and names none");
  CHECK(refusal("", "products/-/images/I").starts_with("product id \"-\""));
  CHECK(refusal("", "products/P/images/-").starts_with("image id \"-\""));
  CHECK(image_ref::parse("--", "-a").has_value());
}

TEST_CASE("image_ref: resource names are taken where ids are due") {
  const std::string lower = "01jyj0w0aacgc7qt1q21srwg94";
  struct row {
    std::string product;
    std::string image;
    std::string path;
  };
  const std::vector<row> table{
      {"products/P", "I", "products/P/images/I"},
      {"/products/P", "I", "products/P/images/I"},
      {"P", "products/P/images/I", "products/P/images/I"},
      {"P", "/products/P/images/I", "products/P/images/I"},
      {"/products/P", "products/P/images/I", "products/P/images/I"},
      {"", "products/P/images/I", "products/P/images/I"},
      {"", "/products/P/images/I", "products/P/images/I"},
      // One product, whose ULID may be written either way; the one that is given counts.
      {lower, "products/" + std::string(ulid) + "/images/I", "products/" + lower + "/images/I"},
      // Names that begin like those, but are ids.
      {"products", "images", "products/products/images/images"},
  };
  for (const auto& [product, image, path] : table) {
    CAPTURE(product);
    CAPTURE(image);
    const auto parsed = image_ref::parse(product, image);
    REQUIRE(parsed.has_value());
    CHECK(parsed->path() == path);
    CHECK(image_ref(product, image) == *parsed);
  }
}

TEST_CASE("image_ref: names that contradict each other, or stand in the wrong place, are refused") {
  CHECK(refusal("Q", "products/P/images/I") ==
        "image id \"products/P/images/I\": belongs to another product than the product id \"Q\", "
        "which is given with it");
  CHECK(refusal("products/p", "/products/P/images/I").find("\"p\"") != std::string::npos);
  CHECK(refusal("products/P/images/I", "I") ==
        "product id \"products/P/images/I\": names an image, where a product is due");
  CHECK(refusal("P", "products/P") ==
        "image id \"products/P\": names a product, where an image is due");
  CHECK(refusal("", "products/P").starts_with("image id \"products/P\": names a product"));
  CHECK(refusal("", "products/P/images/a b").starts_with("image id \"a b\": character 2"));
  CHECK(refusal("", "products/../images/I").starts_with("product id \"..\""));
  CHECK(refusal("", "I") == "product id is empty");
  for (const std::string bad :
       {"products/", "products//images/I", "products/P/", "products/P/images", "products/P/images/",
        "products/P/images/I/", "products/P/images/I/scans/S", "//products/P/images/I", "images/I",
        "Products/P/images/I", "products/P/scans/I"}) {
    CAPTURE(bad);
    CHECK(image_ref::parse("P", bad).has_error());
    CHECK(image_ref::parse("", bad).has_error());
    CHECK(image_ref::parse(bad, "I").has_error());
  }
  // It may be a token in the wrong place.
  const std::string token(500, 't');
  CHECK(refusal(token, "products/P/images/I").find(token.substr(0, 100)) == std::string::npos);
  CHECK(refusal("P", "products/" + token).find(token.substr(0, 100)) == std::string::npos);
}

TEST_CASE("image_ref: what the service states about an image is compared as names are") {
  const std::string product = "01JQPGDX8QW0YJ0XEKV1EVG534";
  const std::string image(ulid);
  const std::string lower = "01jyj0w0aacgc7qt1q21srwg94";
  const image_ref ref(product, lower);
  for (const std::string& id : {image, lower, "products/" + product + "/images/" + image,
                                "/products/01jqpgdx8qw0yj0xekv1evg534/images/" + lower}) {
    CAPTURE(id);
    CHECK(ref.has_id(id));
  }
  for (const std::string& id :
       {std::string(), "x" + image.substr(1), image.substr(1), "images/" + image,
        "products/P/images/" + image, "products/" + product, "products/" + product + "/images/I"}) {
    CAPTURE(id);
    CHECK_FALSE(ref.has_id(id));
  }
  CHECK(ref.has_parent("products/" + product));
  CHECK(ref.has_parent("/products/01jqpgdx8qw0yj0xekv1evg534"));
  for (const std::string& parent : {std::string(), product, std::string("products/P"),
                                    "products/" + product + "/images/" + image}) {
    CAPTURE(parent);
    CHECK_FALSE(ref.has_parent(parent));
  }
  // What is no ULID is compared byte for byte.
  CHECK(image_ref("p", "img_abc").has_id("img_abc"));
  CHECK_FALSE(image_ref("p", "img_abc").has_id("img_ABC"));
  CHECK_FALSE(image_ref("p", "i").has_parent("products/P"));
  CHECK_FALSE(image_ref().has_id(""));
  CHECK_FALSE(image_ref().has_parent(""));
}

TEST_CASE("same_resource: ids and names, part by part") {
  using binarly::same_resource;
  const std::string lower = "01jyj0w0aacgc7qt1q21srwg94";
  CHECK(same_resource("", ""));
  CHECK(same_resource("a", "a"));
  CHECK(same_resource(ulid, lower));
  CHECK(same_resource("products/" + std::string(ulid), "/products/" + lower));
  CHECK_FALSE(same_resource("a", "A"));
  CHECK_FALSE(same_resource("a", "a/"));
  CHECK_FALSE(same_resource("a/b", "a"));
  CHECK_FALSE(same_resource("a//b", "a/b"));
  CHECK_FALSE(same_resource("products/a", "PRODUCTS/a"));
  // No ULID: its first digit is too large for one.
  CHECK_FALSE(same_resource("8ZZZZZZZZZZZZZZZZZZZZZZZZZ", "8zzzzzzzzzzzzzzzzzzzzzzzzz"));
}

TEST_CASE("image_ref: a refused id throws from the constructor") {
  CHECK_THROWS_AS(image_ref("P", "a b"), binarly::failure_error);
  CHECK(image_ref("P", "I").path() == "products/P/images/I");
}

TEST_CASE("image_ref: a default-constructed reference is empty") {
  CHECK(image_ref().empty());
  CHECK(image_ref() == image_ref());
  CHECK(image_ref() < image_ref("P", "I"));
  CHECK(image_ref("P", "I") != image_ref("P", "J"));
}

TEST_CASE("image_ref: prints as its path") {
  std::ostringstream out;
  out << image_ref("P", "I");
  CHECK(out.str() == "products/P/images/I");
}

TEST_CASE("author: the first name that there is") {
  binarly::author who;
  CHECK(who.display_name().empty());
  who.id = "i";
  CHECK(who.display_name() == "i");
  who.user_id = "u";
  CHECK(who.display_name() == "u");
  who.email = "e";
  CHECK(who.display_name() == "e");
  who.text = "t";
  CHECK(who.display_name() == "t");
}

}  // namespace
