package dev.moorage.storage;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class FileStoreTest implements ObjectStoreContract, StoreRacesContract {
    @TempDir
    private Path root;

    @Override
    public ObjectStore store() {
        return new FileStore(root, new FileOps());
    }
}
