// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "testing/fake_route.hpp"

#include <algorithm>

namespace binarly::testing {
namespace {

void read_query(std::string_view query, fake_route& way) {
  constexpr std::string_view content_type = "contentType=";
  while (!query.empty()) {
    const std::string_view item = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(item.size() + 1, query.size()));
    if (item == "withCounts=true") way.with_counts = true;
    if (!item.starts_with(content_type)) continue;
    (item.substr(content_type.size()) == "json" ? way.wants_json : way.wants_another) = true;
  }
}

/// What is asked for of an image; unknown when nothing is.
fake_route::thing thing_below(std::string_view below, fake_route& way) {
  using thing = fake_route::thing;
  constexpr std::string_view scan = "/scans/";
  constexpr std::string_view components = "/components";
  if (below.empty()) return thing::image;
  if (below == "/scans") return thing::scans;
  if (below == "/sbomReport:cycloneDX") return thing::report;
  if (below == "/sbomReport:SPDX") {
    way.format = sbom_format::spdx;
    return thing::report;
  }
  if (!below.starts_with(scan)) return thing::unknown;
  below.remove_prefix(scan.size());
  way.scan = below.substr(0, below.find('/'));
  below.remove_prefix(way.scan.size());
  if (below.empty()) return thing::scan;
  return below == components ? thing::components : thing::unknown;
}

}  // namespace

fake_route route_to(std::string_view target, std::string_view root) {
  using thing = fake_route::thing;
  constexpr std::string_view products = "products/";
  constexpr std::string_view images = "/images";
  fake_route way;
  if (!target.starts_with(root)) return way;
  target.remove_prefix(root.size());
  way.what = thing::unknown;
  std::string_view path = target.substr(0, target.find('?'));
  way.resource = path;
  read_query(target.substr(std::min(path.size() + 1, target.size())), way);

  if (!path.starts_with(products)) return way;
  path.remove_prefix(products.size());
  way.product = path.substr(0, path.find('/'));
  path.remove_prefix(way.product.size());
  if (!path.starts_with(images)) return way;
  path.remove_prefix(images.size());
  if (path.empty()) {
    way.what = thing::images;
    return way;
  }
  if (path.front() != '/') return way;
  way.image = path.substr(1, path.find('/', 1) - 1);
  way.what = thing_below(path.substr(1 + way.image.size()), way);
  if (way.is_of_an_image()) way.resource = resource_of(way.product, way.image);
  return way;
}

std::string resource_of(std::string_view product, std::string_view image) {
  std::string path = "products/";
  path += in_capitals(product);
  path += "/images/";
  path += in_capitals(image);
  return path;
}

std::string in_capitals(std::string_view text) {
  std::string capitals(text);
  for (char& c : capitals) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return capitals;
}

}  // namespace binarly::testing
