package dev.moorage.storage;

class MemoryStoreTest implements ObjectStoreContract, StoreRacesContract {
    private final ObjectStore store = new MemoryStore();

    @Override
    public ObjectStore store() {
        return store;
    }
}
