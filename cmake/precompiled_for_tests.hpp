#pragma once

// As precompiled.hpp, with what every test program includes.

#include <catch2/catch.hpp>

#include "cmake/precompiled.hpp"
