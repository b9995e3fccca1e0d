// PostHog as its documentation installs it; surveys come as a second file from its server when the site has any.
import posthog from 'posthog-js';

posthog.init('phc_bench', { api_host: new URL(document.currentScript.src).origin, person_profiles: 'identified_only' });
