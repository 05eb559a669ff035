// The module an Android app adds: the core's libraries, the generated Kotlin, and what is written
// by hand around it. Run `mobile-core/bindings/build android` first; it leaves both in the folder
// `torukPhones` names.
plugins {
    id("com.android.library") version "8.7.3"
    id("org.jetbrains.kotlin.android") version "2.1.20"
}

val phones = findProperty("torukPhones")?.toString() ?: "../../../target/phones/android"

android {
    namespace = "kg.toruk.core"
    compileSdk = 35
    defaultConfig {
        minSdk = 24
        consumerProguardFiles("consumer-rules.pro")
    }
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
    kotlinOptions { jvmTarget = "17" }
    sourceSets["main"].apply {
        jniLibs.srcDirs("$phones/jni")
        kotlin.srcDirs("$phones/kotlin", "src/main/kotlin")
    }
}

dependencies {
    // From 5.17 on its own library has 16 KB pages.
    api("net.java.dev.jna:jna:5.17.0@aar")
    api("org.jetbrains.kotlinx:kotlinx-coroutines-android:1.10.2")
}
