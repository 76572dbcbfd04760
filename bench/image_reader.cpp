// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// What reading one image costs, beside a DOM of the same bytes: the documented sample, in rounds
// that alternate, so that a machine whose speed drifts hurts both alike.

#include "domain/image_reader.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <string_view>

namespace {

constexpr std::string_view sample = R"({"id": "01JYJ0W0AACGC7QT1Q21SRWG94",
  "name": "Firmware v1.2", "version": "1.2.0", "createTime": "2024-01-20T10:00:00Z",
  "author": "user@example.com", "parent": "products/01JQPGDX8QW0YJ0XEKV1EVG534"})";
constexpr int images_in_a_round = 100'000;
constexpr std::size_t rounds = 7;

/// Nanoseconds for one image.
template <class Read>
double measure(Read read) {
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < images_in_a_round; ++i) {
    if (!read()) std::exit(EXIT_FAILURE);
  }
  const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - begun;
  return taken.count() / images_in_a_round;
}

bool read_image() {
  binarly::domain::image_reader reader;
  reader.write(sample);
  const auto image = reader.finish();
  return image && image->version == "1.2.0";
}

/// The DOM alone: getting an image out of it would come on top.
bool read_dom() {
  boost::json::error_code failed;
  const auto value = boost::json::parse(sample, failed);
  return !failed && value.at("version").as_string() == "1.2.0";
}

}  // namespace

int main() {
  std::array<double, rounds> ours{};
  std::array<double, rounds> dom{};
  std::array<double, rounds> ratio{};
  for (std::size_t i = 0; i < rounds; ++i) {
    ours[i] = measure(read_image);
    dom[i] = measure(read_dom);
    ratio[i] = ours[i] / dom[i];
  }
  const auto median = [](std::array<double, rounds>& figures) {
    std::ranges::sort(figures);
    return figures[rounds / 2];
  };
  std::cout << std::fixed << std::setprecision(0) << "image_reader: " << median(ours)
            << " ns an image; boost::json::parse alone: " << median(dom) << " ns; ratio "
            << std::setprecision(2) << median(ratio) << " (median of " << rounds << " rounds of "
            << images_in_a_round << ")\n";
}
