/**
 * The only two scripts that this app may start beside itself, and the only Trusted Types policy of the page.
 *
 * The policy makes no HTML and no script text, and its name can't be taken a second time (docs/adr/0010).
 */

const SERVICE_WORKER = "/app/sw.js";

interface ScriptPolicy {
  createScriptURL(url: string): string;
}

interface PolicyFactory {
  createPolicy(name: string, rules: ScriptPolicy): ScriptPolicy;
}

/** Make the policy: it lets through `worker` and the service worker, and refuses everything else. */
function policy(worker: string): ScriptPolicy {
  const rules: ScriptPolicy = {
    createScriptURL(url) {
      if (url !== worker && url !== SERVICE_WORKER) throw new TypeError("this script is none of ours");
      return url;
    },
  };
  const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes;
  return factory === undefined ? rules : factory.createPolicy("mindhaven", rules);
}

/** Start the worker at `url` (a path of this release), and return it with what registers the service worker. */
export function startScripts(url: string): { worker: Worker; register: () => Promise<ServiceWorkerRegistration> } {
  const allowed = policy(url);
  return {
    worker: new Worker(allowed.createScriptURL(url), { type: "module", name: "mindhaven" }),
    register: () =>
      navigator.serviceWorker.register(allowed.createScriptURL(SERVICE_WORKER), { scope: "/", type: "module" }),
  };
}
