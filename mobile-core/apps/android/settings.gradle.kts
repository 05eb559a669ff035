pluginManagement {
    repositories {
        google()
        mavenCentral()
        gradlePluginPortal()
    }
}

dependencyResolutionManagement {
    repositories {
        google()
        mavenCentral()
    }
}

rootProject.name = "toruk"
include(":app", ":core", ":bindings")
// The core's own module: the libraries and the generated Kotlin.
project(":bindings").projectDir = file("../../bindings/kotlin")
