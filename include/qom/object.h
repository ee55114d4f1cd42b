/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Objects: how a thing is named, configured and looked at.
 *
 * A type is a row: name, parent, a table of properties.  The command line, compat lists,
 * -global, QMP (qom-*, device-list-properties) and --help all walk the same tables.  An
 * object is plain data until the code that owns it does something with it; there is no
 * virtual dispatch here.
 */
#ifndef QOM_OBJECT_H
#define QOM_OBJECT_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct json_object json_object;
typedef struct Object Object;
typedef struct Property Property;
typedef struct TypeRegistry TypeRegistry;

/* Who gave a property its value; a later row beats an earlier one. */
typedef enum PropertyOrigin {
    ORIGIN_DEFAULT, /* the table */
    ORIGIN_COMPAT,  /* machine version */
    ORIGIN_GLOBAL,  /* -global */
    ORIGIN_USER,    /* the option itself, or qom-set */
} PropertyOrigin;

typedef enum PropertyKind {
    PROP_BOOL,  /* bool */
    PROP_UINT8, /* uint8_t, and so on */
    PROP_UINT16,
    PROP_UINT32,
    PROP_UINT64,
    PROP_SIZE,   /* uint64_t, accepts 4k, 1M … */
    PROP_STRING, /* char *, owned by the object, NULL is unset */
    PROP_ENUM,   /* int, index into Property.names */
    PROP_CUSTOM, /* get and set do it; offset is theirs to use */
} PropertyKind;

/*
 * One property.  Fields that make no sense for a kind are left out of the row.
 */
struct Property {
    const char *name;
    PropertyKind kind;
    size_t offset;              /* of the value in the instance struct */
    uint64_t default_value;     /* numbers, bool, enum index */
    const char *default_string; /* PROP_STRING */
    uint64_t min, max;          /* numbers; max 0 is the whole range of the kind */
    const char *const *names;   /* PROP_ENUM: NULL-terminated */
    const char *type_name;      /* as QMP reports it; NULL takes the kind's */
    const char *values;         /* what may be written, where that is not the type */
    const char *doc;            /* one sentence, no full stop */
    bool read_only;
    bool deprecated_alias; /* accepted, but not listed */
    bool is_live;          /* may change after object_freeze() */
    unsigned seen_by; /* kinds of guest that can tell the value: bits that whoever owns
                       * the table defines; 0: none can */
    /*
     * PROP_CUSTOM.  set gets the value as JSON of the type that type_name says, or a
     * string, as from a command line; never null.  get returns a new reference, or NULL
     * where the property has no value now.
     */
    bool (*set)(Object *object, const Property *prop, json_object *value,
                PropertyOrigin origin, GError **errp);
    json_object *(*get)(const Object *object, const Property *prop);
    const void *data; /* for set and get, e.g. the feature row */
};

/*
 * One type.  Types live as long as the registry; a type made at start-up (machine
 * versions, CPU models) shares the property table of its kind.
 */
typedef struct ObjectType {
    const char *name;   /* "host-x86_64-cpu", "isa-serial", "pc-q35-9.0-machine" */
    const char *parent; /* name of the parent type, or NULL; properties are inherited */
    const char *doc;    /* one sentence */
    bool is_abstract;
    bool is_user_creatable; /* -device or -object may name it */
    size_t instance_size;   /* at least sizeof(Object); 0 takes the parent's */
    const Property *props;
    unsigned prop_count;
    void (*init)(Object *object);  /* after defaults were stored; may be NULL */
    void (*clear)(Object *object); /* releases what init or custom setters took */
    const void *data; /* for the code that knows the type: version row, model */
} ObjectType;

/* First member of every instance struct. */
struct Object {
    const ObjectType *type;
    const TypeRegistry *registry;
    char *id;            /* NULL where it has none */
    Object *parent;      /* in the composition tree */
    GPtrArray *children; /* Object *, owned; NULL while there are none */
    GHashTable *origins; /* property name -> PropertyOrigin, only what was set */
    bool is_frozen;
};

/* type_registry_new - an empty registry. */
TypeRegistry *type_registry_new(void);

/* type_registry_free - after every object of its types is gone; NULL is nothing. */
void type_registry_free(TypeRegistry *registry);

/*
 * type_registry_add - make @type known.  The row is copied, its strings and tables are
 * not and must outlive the registry.  The parent must have been added before.
 */
void type_registry_add(TypeRegistry *registry, const ObjectType *type);

/* type_registry_find - the type called @name, or NULL. */
const ObjectType *type_registry_find(const TypeRegistry *registry, const char *name);

/* type_registry_is_a - @type is @ancestor or descends from it. */
bool type_registry_is_a(const TypeRegistry *registry, const ObjectType *type,
                        const char *ancestor);

/*
 * type_registry_list - all types below @ancestor (NULL: all), sorted by name.
 * Free the array with g_ptr_array_unref(); the types are the registry's.
 */
GPtrArray *type_registry_list(const TypeRegistry *registry, const char *ancestor,
                              bool include_abstract);

/*
 * type_find_property - the property @name of @type or an ancestor, or NULL.  Underscores
 * in @name match dashes.
 */
const Property *type_find_property(const TypeRegistry *registry, const ObjectType *type,
                                   const char *name);

/* type_list_properties - every property, ancestors first; g_ptr_array_unref(). */
GPtrArray *type_list_properties(const TypeRegistry *registry, const ObjectType *type);

/*
 * object_new - an instance of @type_name with every default stored.
 * Unknown and abstract types are an error with code VPMU_ERROR_NOT_FOUND.
 */
Object *object_new(const TypeRegistry *registry, const char *type_name, const char *id,
                   GError **errp);

/* object_free - the object and its children; NULL is nothing. */
void object_free(Object *object);

/* object_add_child - @parent takes ownership of @child, which must have an id. */
void object_add_child(Object *parent, Object *child);

/* object_find - @path is "/a/b/c" below @root; NULL where there is none. */
Object *object_find(Object *root, const char *path);

/* object_is_a - see type_registry_is_a(). */
bool object_is_a(const Object *object, const char *type_name);

/*
 * object_set_string - set from command line text: on/off/yes/no/true/false for a bool,
 * numbers strictly, sizes with suffix.
 * @origin: a value from a weaker origin does not replace one from a stronger
 *
 * Errors name type, property, value and what is accepted.  Frozen objects refuse all but
 * live properties.
 */
bool object_set_string(Object *object, const char *name, const char *value,
                       PropertyOrigin origin, GError **errp);

/* object_set_json - as object_set_string(), from a value of the property's type. */
bool object_set_json(Object *object, const char *name, json_object *value,
                     PropertyOrigin origin, GError **errp);

/*
 * object_get_json - the value as a new reference.
 * Properties that are unset (a NULL string, custom without value) are an error.
 */
json_object *object_get_json(const Object *object, const char *name, GError **errp);

/*
 * object_seen_json - the properties that guests of one of the kinds @by can tell, name
 * and value, in the order of the tables; a new reference.  Unset ones are left out.
 */
json_object *object_seen_json(const Object *object, unsigned by);

/* object_origin - who gave @name its value. */
PropertyOrigin object_origin(const Object *object, const char *name);

/* object_freeze - from here only live properties may change. */
void object_freeze(Object *object);

/* property_type_name - what QMP calls the type: "bool", "uint32", "str", enum's name … */
const char *property_type_name(const Property *prop);

/* property_values - what may be written, for help: "on|off", "uint32"; g_free(). */
char *property_values(const Property *prop);

/*
 * property_default_json - the table's default as a new reference; NULL where the table
 * has none.
 */
json_object *property_default_json(const Property *prop);

/*
 * object_near_property_hint - the end of a message about a property that is not there.
 * "; did you mean 'near'?" or "", for the caller to free.
 */
char *object_near_property_hint(const Object *object, const char *name);

/*
 * One entry of a machine version's past: objects of @type (or below it) get @value.
 */
typedef struct CompatProperty {
    const char *type;
    const char *property;
    const char *value;
    bool is_optional; /* a build without type or property ignores the entry */
} CompatProperty;

/*
 * object_apply_compat - apply the entries that concern @object, in order.
 * Unknown properties are an error unless the entry is optional.
 */
bool object_apply_compat(Object *object, const CompatProperty *entries, unsigned count,
                         PropertyOrigin origin, GError **errp);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Object, object_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TypeRegistry, type_registry_free)

#endif
